"""What the avatar is going to do: cues in order of time."""

from __future__ import annotations

import math
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from kuchipaku.types import EmotionCue, GestureCue, PoseCue, VisemeCue

RELEASE_LOOKAHEAD_S = 0.2
"""Cues that begin this soon after an interruption already shape the mouth; they are kept and let go of."""


class _Cue(Protocol):
    @property
    def start_s(self) -> float: ...


C = TypeVar("C", bound=_Cue)


def _start_s(cue: _Cue) -> float:
    return cue.start_s


class CueTrack(Generic[C]):
    """Cues of one kind, sorted by start. Keeps the latest ``capacity``; drops the earliest, and counts them.

    Any thread may call it: a change replaces an immutable tuple, so readers need no lock.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._cues: tuple[C, ...] = ()
        self._lock = threading.Lock()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many cues were dropped for lack of room."""
        return self._dropped

    def __len__(self) -> int:
        return len(self._cues)

    def add(self, *cues: C) -> None:
        """Add cues, at any position."""
        with self._lock:
            merged = sorted((*self._cues, *cues), key=_start_s)
            excess = max(0, len(merged) - self._capacity)
            self._dropped += excess
            self._cues = tuple(merged[excess:])

    def starting_between(self, start_s: float, end_s: float) -> tuple[C, ...]:
        """The cues that start in [start_s, end_s], in order."""
        cues = self._cues
        first = bisect_left(cues, start_s, key=_start_s)
        last = bisect_right(cues, end_s, key=_start_s)
        return cues[first:last]

    def change(self, change: Callable[[C], C | None]) -> None:
        """Replace every cue by what ``change`` returns for it; None removes it. Starts must not change."""
        with self._lock:
            self._cues = tuple(new for cue in self._cues if (new := change(cue)) is not None)

    def forget_before(self, moment_s: float) -> None:
        """Drop the cues that start before a moment."""
        with self._lock:
            self._cues = self._cues[bisect_left(self._cues, moment_s, key=_start_s) :]


class Timeline:
    """All the cues of one avatar: visemes, emotions, gestures and pose overrides."""

    def __init__(self) -> None:
        self.visemes: CueTrack[VisemeCue] = CueTrack(capacity=8192)
        self.emotions: CueTrack[EmotionCue] = CueTrack(capacity=32)
        self.gestures: CueTrack[GestureCue] = CueTrack(capacity=32)
        self.poses: CueTrack[PoseCue] = CueTrack(capacity=32)

    def add_visemes(self, cues: Iterable[VisemeCue]) -> None:
        """Add a sentence's cues; times are the avatar's."""
        self.visemes.add(*cues)

    def cut_speech(self, moment_s: float) -> None:
        """Remove the visemes after a moment; the mouth lets go of the present ones from then on."""

        def cut(cue: VisemeCue) -> VisemeCue | None:
            if cue.start_s > moment_s + RELEASE_LOOKAHEAD_S:
                return None
            return cue if math.isfinite(cue.released_s) else replace(cue, released_s=moment_s)

        self.visemes.change(cut)
