"""WebRTC tracks that follow an avatar's clock: the sound and the picture of one moment leave together."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from kuchipaku.clock import Clock
from kuchipaku.mailbox import Mailbox, MailboxClosedError
from kuchipaku.sinks.packed_video import PackedFrame, PackedVideo
from kuchipaku.sound import SoundTrack
from kuchipaku.types import SAMPLE_RATE_HZ, Samples

VIDEO_CLOCK_HZ = 90_000
"""RTP clock of every video format (RFC 3551)."""

CHUNK_SAMPLES = 960
"""Sound per packet: 20 ms at 48 kHz, Opus' usual frame."""

LATEST_S = 0.1
"""A sound track that is later than this skips forward instead of drifting."""


class VideoTrack(MediaStreamTrack):
    """The newest packed frame, time-stamped with the moment it shows. Frames nobody fetched are dropped."""

    kind = "video"

    def __init__(self, video: PackedVideo) -> None:
        super().__init__()
        self._video = video
        self._mailbox: Mailbox[PackedFrame] | None = None

    async def recv(self) -> VideoFrame:
        """The next frame, I420.

        Raises:
            MediaStreamError: the track was stopped or the avatar closed.
        """
        if self.readyState != "live":
            raise MediaStreamError
        if self._mailbox is None:
            self._mailbox = self._video.subscribe()
        try:
            packed = await self._mailbox.get_async()
        except MailboxClosedError:
            raise MediaStreamError from None
        return video_frame(packed)

    def stop(self) -> None:
        """End the track; its share of the packing ends too."""
        super().stop()
        if self._mailbox is not None:
            self._video.unsubscribe(self._mailbox)


class SoundStream(MediaStreamTrack):
    """The avatar's sound in pieces of 20 ms; the piece from moment t on is released at moment t."""

    kind = "audio"

    def __init__(self, sound: SoundTrack, clock: Clock) -> None:
        super().__init__()
        self._sound = sound
        self._clock = clock
        self._position = self._now()

    async def recv(self) -> AudioFrame:
        """The next 20 ms, 16 bit mono at 48 kHz.

        Raises:
            MediaStreamError: the track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        if self._now() - self._position > LATEST_S * SAMPLE_RATE_HZ:
            self._position = self._now()
        moment_s = self._position / SAMPLE_RATE_HZ
        await asyncio.sleep(max(0.0, moment_s - self._clock.now_s()))
        frame = audio_frame(self._sound.read(moment_s, CHUNK_SAMPLES), self._position)
        self._position += CHUNK_SAMPLES
        return frame

    def _now(self) -> int:
        """The present moment in samples, at the begin of a chunk, so that all viewers cut at the same places."""
        return int(self._clock.now_s() * SAMPLE_RATE_HZ) // CHUNK_SAMPLES * CHUNK_SAMPLES


def video_frame(packed: PackedFrame) -> VideoFrame:
    """An encoder's frame; it copies the pixels, as encoders mark frames as key frames in place."""
    frame = VideoFrame.from_ndarray(packed.i420, format="yuv420p")
    frame.pts = round(packed.time_s * VIDEO_CLOCK_HZ)
    frame.time_base = Fraction(1, VIDEO_CLOCK_HZ)
    frame.colorspace = Colorspace.ITU601
    frame.color_range = ColorRange.MPEG
    return frame


def audio_frame(samples: Samples, position: int) -> AudioFrame:
    """An encoder's frame from float samples; ``position`` counts samples of the clock."""
    pcm = np.rint(samples * 32767).astype(np.int16)
    frame = AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
    frame.sample_rate = SAMPLE_RATE_HZ
    frame.pts = position
    frame.time_base = Fraction(1, SAMPLE_RATE_HZ)
    return frame
