"""Frames in the stacked video layout, packed once for any number of viewers."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from kuchipaku.alpha import I420, StackedLayout, pack_stacked
from kuchipaku.broadcast import Broadcast
from kuchipaku.mailbox import Mailbox, MailboxClosedError
from kuchipaku.sinks.source import FrameSource
from kuchipaku.types import Frame


@dataclass(frozen=True, slots=True)
class PackedFrame:
    """One frame ready for a video encoder.

    Attributes:
        time_s: the moment of the avatar's clock that it shows.
        i420: colour stacked over matte, see ``kuchipaku.alpha``; shared, so never written to.
    """

    time_s: float
    i420: I420


class PackedVideo:
    """Packs an avatar's frames on a thread of its own while anyone watches.

    Every viewer has a mailbox for the newest frame; what a slow viewer misses is dropped for that viewer only.
    """

    def __init__(self, source: FrameSource) -> None:
        self._source = source
        self._viewers: Broadcast[PackedFrame] = Broadcast()
        self._frames: Mailbox[Frame] | None = None
        self._lock = threading.Lock()

    def subscribe(self) -> Mailbox[PackedFrame]:
        """A new viewer's mailbox; the first viewer starts the packing."""
        with self._lock:
            viewer = self._viewers.subscribe()
            if self._frames is None:
                self._frames = self._source.subscribe_frames()
                threading.Thread(target=self._pack, args=(self._frames,), name="pack-video", daemon=True).start()
            return viewer

    def unsubscribe(self, viewer: Mailbox[PackedFrame]) -> None:
        """The viewer leaves; the last one ends the packing. Harmless when repeated."""
        with self._lock:
            self._viewers.unsubscribe(viewer)
            if not len(self._viewers) and self._frames is not None:
                self._source.unsubscribe_frames(self._frames)
                self._frames = None

    def _pack(self, frames: Mailbox[Frame]) -> None:
        while True:
            try:
                frame = frames.get()
            except MailboxClosedError:
                return self._end(frames)
            height, width = frame.rgba.shape[:2]
            self._viewers.publish(PackedFrame(frame.time_s, pack_stacked(frame.rgba, StackedLayout(width, height))))

    def _end(self, frames: Mailbox[Frame]) -> None:
        """When the source itself closed (nobody asked for the end), the viewers' mailboxes close too."""
        with self._lock:
            if self._frames is frames:
                self._frames = None
                self._viewers.close()
