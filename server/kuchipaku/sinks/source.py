"""What a sink needs of an avatar."""

from __future__ import annotations

from typing import Protocol

from kuchipaku.clock import Clock
from kuchipaku.mailbox import Mailbox
from kuchipaku.sound import SoundTrack
from kuchipaku.types import Frame


class FrameSource(Protocol):
    """Draws frames for its subscribers."""

    def subscribe_frames(self) -> Mailbox[Frame]:
        """A mailbox that keeps the newest frame only; closed when the source closes."""

    def unsubscribe_frames(self, mailbox: Mailbox[Frame]) -> None:
        """Send the mailbox nothing more."""


class LiveSource(FrameSource, Protocol):
    """Frames and sound on one clock."""

    @property
    def clock(self) -> Clock:
        """The clock that frames and sound follow."""

    @property
    def sound(self) -> SoundTrack:
        """Everything that is heard, by that clock."""
