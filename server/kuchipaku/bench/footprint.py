"""What a loaded character takes: disk, memory, time to load."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import psutil

from kuchipaku.bench.timing import Stopwatch
from kuchipaku_tha.character import FACTS_FILE, MORPH_FILE, PICTURE_FILE, PREVIEW_FILE, Character, load_character
from kuchipaku_tha.morpher import Morpher
from kuchipaku_tha.pose import HIGH

COPIES = 4
"""How many more are loaded; one's share of their memory is what is told."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Of one character, at its default frame size.

    Attributes:
        disk_mb: its folder's files, in MB.
        load_ms: median time to load it and draw a first frame.
        memory_mb: what one more loaded character adds to the process, its first session's buffers included, in MiB.
        session_mb: what one more session of a loaded character adds, in MiB.
    """

    disk_mb: float
    load_ms: float
    memory_mb: float
    session_mb: float


def measure_footprint(character: Character) -> Footprint:
    """Load a character some more times, and open more sessions of it."""
    stopwatch = Stopwatch()
    first_mb = _used_mb()
    loaded = [stopwatch.time(partial(_load_and_draw, character)) for _ in range(COPIES)]
    loaded_mb = _used_mb()
    sessions = [_drawing(loaded[0][0]) for _ in range(COPIES)]
    sessions_mb = _used_mb()
    files = (FACTS_FILE, PICTURE_FILE, MORPH_FILE, PREVIEW_FILE)
    disk_bytes = sum((character.folder / name).stat().st_size for name in files)
    return Footprint(
        disk_mb=round(disk_bytes / 1e6, 1),
        load_ms=round(stopwatch.timing().median_ms, 1),
        memory_mb=round((loaded_mb - first_mb) / len(loaded), 1),
        session_mb=round((sessions_mb - loaded_mb) / len(sessions), 1),
    )


def _load_and_draw(character: Character) -> tuple[Character, Morpher]:
    again = load_character(character.folder)
    return again, _drawing(again)


def _drawing(character: Character) -> Morpher:
    morpher = character.morpher()
    morpher.render(HIGH)
    return morpher


def _used_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20
