"""One writer, many readers: every subscriber has a mailbox of its own."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from kuchipaku.mailbox import Mailbox

T = TypeVar("T")


class Broadcast(Generic[T]):
    """Copies each value to every subscriber's mailbox; a slow subscriber loses its own oldest values only."""

    def __init__(self, capacity: int = 1) -> None:
        self._capacity = capacity
        self._mailboxes: tuple[Mailbox[T], ...] = ()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._mailboxes)

    def subscribe(self) -> Mailbox[T]:
        """A new mailbox that receives every value from now on."""
        mailbox: Mailbox[T] = Mailbox(self._capacity)
        with self._lock:
            self._mailboxes = (*self._mailboxes, mailbox)
        return mailbox

    def unsubscribe(self, mailbox: Mailbox[T]) -> None:
        """Close the mailbox and send it nothing more. Harmless when repeated."""
        with self._lock:
            self._mailboxes = tuple(other for other in self._mailboxes if other is not mailbox)
        mailbox.close()

    def publish(self, value: T) -> None:
        """Put the value into every mailbox; never blocks."""
        for mailbox in self._mailboxes:
            mailbox.put(value)

    def close(self) -> None:
        """Unsubscribe everybody."""
        for mailbox in self._mailboxes:
            self.unsubscribe(mailbox)
