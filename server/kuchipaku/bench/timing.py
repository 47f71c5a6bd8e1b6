"""How long calls take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from kuchipaku.clock import SystemClock

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of repeated calls.

    Attributes:
        count: calls measured.
        median_ms: median time of one.
        p95_ms: 95th percentile.
        mean_ms: mean.
    """

    count: int
    median_ms: float
    p95_ms: float
    mean_ms: float


class Stopwatch:
    """Collects the times of calls."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._times_ms: list[float] = []

    def time(self, call: Callable[[], T]) -> T:
        """Call and note how long it took."""
        begin_s = self._clock.now_s()
        result = call()
        self._times_ms.append((self._clock.now_s() - begin_s) * 1000)
        return result

    def timing(self) -> Timing:
        """What was collected so far; at least one call."""
        median, p95 = np.percentile(self._times_ms, [50, 95])
        mean = float(np.mean(self._times_ms))
        return Timing(len(self._times_ms), round(float(median), 3), round(float(p95), 3), round(mean, 3))
