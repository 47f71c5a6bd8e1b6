from __future__ import annotations

import asyncio

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from kuchipaku.broadcast import Broadcast
from kuchipaku.clock import ManualClock, SystemClock
from kuchipaku.mailbox import Mailbox
from kuchipaku.sinks.packed_video import PackedVideo
from kuchipaku.sinks.tracks import SoundStream, VideoTrack
from kuchipaku.sound import SoundTrack
from kuchipaku.types import Frame


class Source:
    """Frames put by hand."""

    def __init__(self) -> None:
        self.frames: Broadcast[Frame] = Broadcast()

    def subscribe_frames(self) -> Mailbox[Frame]:
        return self.frames.subscribe()

    def unsubscribe_frames(self, mailbox: Mailbox[Frame]) -> None:
        self.frames.unsubscribe(mailbox)


def frame(time_s: float) -> Frame:
    return Frame(time_s, 0, np.zeros((64, 64, 4), np.uint8))


async def test_sound_leaves_at_its_moment_and_never_early() -> None:
    clock = SystemClock()
    stream = SoundStream(SoundTrack(), clock)
    for _ in range(5):
        piece = await stream.recv()
        assert piece.pts is not None
        assert clock.now_s() >= piece.pts / 48_000
        assert piece.samples == 960
        assert piece.sample_rate == 48_000


async def test_late_sound_skips_forward() -> None:
    clock = ManualClock()
    stream = SoundStream(SoundTrack(), clock)
    assert (await stream.recv()).pts == 0
    clock.advance_s(0.08)
    assert (await stream.recv()).pts == 960
    clock.advance_s(10.0)
    assert (await stream.recv()).pts == 504 * 960


async def test_sound_is_what_the_track_holds_at_that_moment() -> None:
    clock = ManualClock()
    sound = SoundTrack()
    sound.schedule(0.0, np.linspace(0, 0.5, 960, dtype=np.float32))
    piece = await SoundStream(sound, clock).recv()
    assert np.abs(piece.to_ndarray()[0] / 32767 - np.linspace(0, 0.5, 960)).max() < 1e-4


async def test_the_picture_carries_its_moment() -> None:
    source = Source()
    track = VideoTrack(PackedVideo(source))
    receiving = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    source.frames.publish(frame(1.5))
    picture = await receiving
    assert picture.pts == 135_000
    assert (picture.width, picture.height) == (64, 64 + 16 + 64)
    track.stop()
    assert len(source.frames) == 0
    with pytest.raises(MediaStreamError):
        await track.recv()


async def test_packing_ends_with_the_last_viewer() -> None:
    source = Source()
    video = PackedVideo(source)
    first, second = video.subscribe(), video.subscribe()
    assert len(source.frames) == 1
    source.frames.publish(frame(0.0))
    one, other = await first.get_async(), await second.get_async()
    assert one is other
    video.unsubscribe(first)
    assert len(source.frames) == 1
    video.unsubscribe(second)
    assert len(source.frames) == 0


async def test_the_track_ends_with_its_avatar() -> None:
    source = Source()
    track = VideoTrack(PackedVideo(source))
    receiving = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    source.frames.close()
    with pytest.raises(MediaStreamError):
        await receiving
