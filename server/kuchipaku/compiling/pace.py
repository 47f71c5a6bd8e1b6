"""How fast a compile is, and how long it will take."""

from __future__ import annotations

from collections import deque

from kuchipaku.clock import Clock, SystemClock
from kuchipaku_tha.progress import Progress, Stage

WINDOW_S = 20.0
"""The pace is that of so many seconds."""
SETTLED_S = 2.0
"""No estimate is given before so many seconds."""


class Pace:
    """Estimates from the reports of one compile. An instance belongs to one thread."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._seen: deque[tuple[float, Progress]] = deque()

    def see(self, progress: Progress) -> None:
        """Take a report; a report of another compile starts anew."""
        now_s = self._clock.now_s()
        if self._seen and (progress.total != self._seen[-1][1].total or progress.done < self._seen[-1][1].done):
            self._seen.clear()
        self._seen.append((now_s, progress))
        while now_s - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()

    @property
    def seconds_left(self) -> float | None:
        """Until everything is done; None while it cannot be told."""
        if not self._seen:
            return None
        (begin_s, first), (end_s, last) = self._seen[0], self._seen[-1]
        if last.done >= last.total:
            return 0.0
        if end_s - begin_s < SETTLED_S or last.done <= first.done:
            return None
        remaining_s = (last.total - last.done) * (end_s - begin_s) / (last.done - first.done)
        return max(0.0, remaining_s - (self._clock.now_s() - end_s))

    @property
    def samples_per_second(self) -> float | None:
        """Samples that the teacher draws per second; None while it draws none."""
        if not self._seen:
            return None
        (begin_s, first), (end_s, last) = self._seen[0], self._seen[-1]
        drawn = last.samples - first.samples if last.stage in (Stage.FACES, Stage.TURNS) else 0
        return drawn / (end_s - begin_s) if drawn and end_s - begin_s >= SETTLED_S else None
