"""Events that are known before they happen."""

from __future__ import annotations

import heapq
import itertools
import threading

from kuchipaku.events import Event

CAPACITY = 8192


class Agenda:
    """Holds future events until their moment (``event.time_s``) has come. Any thread may call it.

    Beyond ``CAPACITY`` events it drops what is added; speech is scheduled half a minute ahead at most, which is
    some 600 events.
    """

    def __init__(self) -> None:
        self._events: list[tuple[float, int, Event]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._events)

    def add(self, event: Event) -> None:
        """Keep an event until its moment."""
        with self._lock:
            if len(self._events) < CAPACITY:
                heapq.heappush(self._events, (event.time_s, next(self._order), event))

    def take_due(self, now_s: float) -> list[Event]:
        """Remove and return, in order, the events whose moment has come."""
        due: list[Event] = []
        with self._lock:
            while self._events and self._events[0][0] <= now_s:
                due.append(heapq.heappop(self._events)[2])
        return due

    def clear(self) -> None:
        """Forget every event that has not happened."""
        with self._lock:
            self._events.clear()
