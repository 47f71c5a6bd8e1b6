"""A small queue between threads and event loops that never makes its writer wait."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class MailboxClosedError(Exception):
    """The mailbox was closed and is empty: nothing more will come."""


class Mailbox(Generic[T]):
    """Keeps the newest ``capacity`` values (by default one) for one reader; drops the oldest and counts it.

    Any thread may put. The reader is a thread (``get``) or a task on any event loop (``get_async``).
    """

    def __init__(self, capacity: int = 1) -> None:
        self._values: deque[T] = deque(maxlen=capacity)
        self._condition = threading.Condition()
        self._waiting_tasks: set[asyncio.Future[None]] = set()
        self._dropped = 0
        self._closed = False

    @property
    def dropped(self) -> int:
        """How many values were dropped because the reader was slower than the writer."""
        return self._dropped

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closed

    def __len__(self) -> int:
        return len(self._values)

    def put(self, value: T) -> None:
        """Add a value and wake the reader. Never blocks; does nothing after ``close``."""
        with self._condition:
            if self._closed:
                return
            if len(self._values) == self._values.maxlen:
                self._dropped += 1
            self._values.append(value)
            self._wake()

    def close(self) -> None:
        """Let the reader finish: what is left can still be read, then ``MailboxClosedError`` is raised."""
        with self._condition:
            self._closed = True
            self._wake()

    def get(self, timeout_s: float | None = None) -> T:
        """The oldest value kept, waiting for one if there is none.

        Raises:
            TimeoutError: nothing came within ``timeout_s`` seconds.
            MailboxClosedError: the mailbox is closed and empty.
        """
        with self._condition:
            if not self._condition.wait_for(lambda: self._values or self._closed, timeout_s):
                raise TimeoutError("Nothing arrived in the mailbox in time.")
            return self._take()

    async def get_async(self) -> T:
        """The oldest value kept, awaiting one if there is none. Cancel it (``asyncio.timeout``) to stop waiting.

        Raises:
            MailboxClosedError: the mailbox is closed and empty.
        """
        while True:
            with self._condition:
                if self._values or self._closed:
                    return self._take()
                woken = asyncio.get_running_loop().create_future()
                self._waiting_tasks.add(woken)
            try:
                await woken
            finally:
                with self._condition:
                    self._waiting_tasks.discard(woken)

    def _take(self) -> T:
        if not self._values:
            raise MailboxClosedError
        return self._values.popleft()

    def _wake(self) -> None:
        self._condition.notify()
        for woken in self._waiting_tasks:
            loop = woken.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, woken)


def _resolve(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
