"""Changing what is recorded about a character, for tests."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w

from kuchipaku_tha.character import FACTS_FILE


def rewrite_record(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a character's record in place."""
    path = folder / FACTS_FILE
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(tomli_w.dumps(document), encoding="utf-8")
