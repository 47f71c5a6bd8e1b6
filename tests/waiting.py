"""Waiting for what happens on other threads."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Return as soon as the condition holds; fail after the timeout."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "It never came to hold."
        time.sleep(0.02)
