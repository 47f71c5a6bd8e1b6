"""The one clock of a session. Nothing else in the package asks the operating system for the time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since the session began."""

    def now_s(self) -> float:
        """The present moment in seconds, never decreasing."""

    def sleep_until_s(self, moment_s: float) -> None:
        """Block the calling thread until the moment (returns at once if it has passed)."""


class SystemClock:
    """Runs with the operating system's monotonic clock, from 0 at its creation."""

    def __init__(self) -> None:
        self._origin_s = time.perf_counter()

    def now_s(self) -> float:
        """The present moment in seconds."""
        return time.perf_counter() - self._origin_s

    def sleep_until_s(self, moment_s: float) -> None:
        """Sleep until the moment."""
        wait_s = moment_s - self.now_s()
        if wait_s > 0:
            time.sleep(wait_s)


class ManualClock:
    """Moves only when told to: for rendering files and for tests."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s

    def now_s(self) -> float:
        """The present moment in seconds."""
        return self._now_s

    def sleep_until_s(self, moment_s: float) -> None:
        """Jump to the moment."""
        self._now_s = max(self._now_s, moment_s)

    def advance_s(self, step_s: float) -> None:
        """Move forward by ``step_s`` seconds.

        Raises:
            ValueError: the step is negative.
        """
        if step_s < 0:
            raise ValueError("A clock never runs backwards.")
        self._now_s += step_s
