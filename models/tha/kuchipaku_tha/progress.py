"""How far a compile is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Stage(StrEnum):
    """What a compile does, in this order."""

    FACES = "faces"
    TURNS = "turns"
    FITTING = "fitting"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a compile is.

    Attributes:
        stage: what is being done now.
        words: the same in words for a user.
        done: finished work; one unit is about the time of one face sample.
        total: all work of this run, the same in every report. What an earlier run drew is no part of it.
        samples: samples drawn in this run so far.
    """

    stage: Stage
    words: str
    done: float
    total: float
    samples: int


class ProgressListener(Protocol):
    """Told how far a compile is: often, and from the thread that compiles."""

    def __call__(self, progress: Progress, /) -> None:
        """Take a report."""


class Work:
    """Counts finished work over all stages and tells the listener."""

    def __init__(self, total: float, listener: ProgressListener) -> None:
        self._total = total
        self._listener = listener
        self._done = 0.0
        self._samples = 0

    def finish(self, stage: Stage, words: str, work: float, samples: int = 0) -> None:
        """Count finished work, and report."""
        self._done += work
        self._samples += samples
        self._listener(Progress(stage, words, min(self._done, self._total), self._total, self._samples))


def unheard(_progress: Progress) -> None:
    """A listener that does nothing."""
