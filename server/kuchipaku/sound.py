"""The avatar's sound, laid out on the avatar's clock."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from kuchipaku.types import SAMPLE_RATE_HZ, Samples

CAPACITY_S = 120.0
FADE_S = 0.008


@dataclass(frozen=True, slots=True)
class _Clip:
    start: int
    samples: Samples

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


class SoundTrack:
    """Mono sound at 48 kHz by the clock: scheduled ahead, read by any number of readers in any order.

    Bounded: it keeps ``CAPACITY_S`` seconds of sound and drops the clips scheduled first beyond that.
    Any thread may call it. Moments are rounded to the nearest sample.
    """

    def __init__(self) -> None:
        self._clips: deque[_Clip] = deque()
        self._lock = threading.Lock()
        self._end = 0

    @property
    def end_s(self) -> float:
        """When the last scheduled sound ends; 0 when there never was any."""
        return self._end / SAMPLE_RATE_HZ

    def schedule(self, start_s: float, samples: Samples) -> float:
        """Mix sound in from a moment on and return the moment at which it ends.

        Args:
            start_s: moment of the first sample.
            samples: float32 of shape (n,), [-1, 1]; not copied, so not to be written to afterwards.

        Raises:
            ValueError: longer than the whole track keeps.
        """
        if len(samples) > CAPACITY_S * SAMPLE_RATE_HZ:
            raise ValueError(f"Sound of more than {CAPACITY_S:.0f} s must be scheduled in parts.")
        clip = _Clip(_sample_index(start_s), samples)
        with self._lock:
            self._clips.append(clip)
            self._end = max(self._end, clip.end)
            self._drop_oldest()
        return clip.end / SAMPLE_RATE_HZ

    def read(self, start_s: float, count: int) -> Samples:
        """The ``count`` samples from a moment on: a new array, clipped to [-1, 1], 0 where nothing is scheduled."""
        first = _sample_index(start_s)
        mix = np.zeros(count, np.float32)
        with self._lock:
            clips = tuple(self._clips)
        for clip in clips:
            low, high = max(first, clip.start), min(first + count, clip.end)
            if low < high:
                mix[low - first : high - first] += clip.samples[low - clip.start : high - clip.start]
        return np.clip(mix, -1.0, 1.0, out=mix)

    def cut(self, moment_s: float) -> None:
        """Drop every sound after the moment; what sounds then fades out within ``FADE_S`` seconds."""
        moment = _sample_index(moment_s)
        with self._lock:
            self._clips = deque(_shorten(clip, moment) for clip in self._clips if clip.start < moment)
            self._end = max((clip.end for clip in self._clips), default=0)

    def _drop_oldest(self) -> None:
        kept = sum(len(clip.samples) for clip in self._clips)
        while kept > CAPACITY_S * SAMPLE_RATE_HZ:
            kept -= len(self._clips.popleft().samples)


def _sample_index(moment_s: float) -> int:
    return round(moment_s * SAMPLE_RATE_HZ)


def _shorten(clip: _Clip, moment: int) -> _Clip:
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    if clip.end <= moment:
        return clip
    samples = clip.samples[: moment - clip.start + fade].copy()
    tail = samples[moment - clip.start :]
    tail *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[: len(tail)]
    return _Clip(clip.start, samples)
