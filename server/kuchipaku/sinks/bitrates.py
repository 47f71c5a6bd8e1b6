"""Video bit rates that suit stacked pictures of any size.

aiortc has its bit rates as constants of its encoders' modules, the same for every size, and its own suit camera
pictures; so its encoders are replaced by ones that know the size of what they encode.
"""

from __future__ import annotations

from typing import Final, cast

import aiortc.codecs
from aiortc.codecs import h264, vpx
from av.frame import Frame
from av.video.frame import VideoFrame

START_BITRATE: Final = 2_000_000
LEAST_BITRATE: Final = 600_000
GREATEST_BITRATE: Final = 3_000_000
"""Bits per second for 512×1040 at 30 fps, at which the picture's thin lines stay clean. The receiver's estimate moves
the rate between the bounds."""

_REFERENCE_PIXELS: Final = 512 * 1040
_GROWTH: Final = 0.75
"""Twice the pixels need fewer than twice the bits: lines grow with a picture's side, not with its area."""


def bitrate_share(width_px: int, height_px: int) -> float:
    """How many times the bit rate of 512×1040 a video of this size gets."""
    return float((width_px * height_px / _REFERENCE_PIXELS) ** _GROWTH)


class SizedVp8Encoder(vpx.Vp8Encoder):
    """VP8 at a bit rate that grows with the picture."""

    _share = 1.0

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """RTP payloads of one picture, and its time stamp."""
        self._share = _share_of(frame)
        return super().encode(frame, force_keyframe)

    @property
    def target_bitrate(self) -> int:
        """Bits per second."""
        return round(super().target_bitrate * self._share)

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        cast(property, vpx.Vp8Encoder.target_bitrate).__set__(self, round(bitrate / self._share))


class SizedH264Encoder(h264.H264Encoder):
    """H.264 at a bit rate that grows with the picture."""

    _share = 1.0

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """RTP payloads of one picture, and its time stamp."""
        self._share = _share_of(frame)
        return super().encode(frame, force_keyframe)

    @property
    def target_bitrate(self) -> int:
        """Bits per second."""
        return round(super().target_bitrate * self._share)

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        cast(property, h264.H264Encoder.target_bitrate).__set__(self, round(bitrate / self._share))


def _share_of(frame: Frame) -> float:
    return bitrate_share(frame.width, frame.height) if isinstance(frame, VideoFrame) else 1.0


def suit_bitrates_to_size() -> None:
    """Let every video from now on be encoded at these rates. Harmless when repeated."""
    bitrates = {"DEFAULT": START_BITRATE, "MIN": LEAST_BITRATE, "MAX": GREATEST_BITRATE}
    for codec in (vpx, h264):
        for name, bitrate in bitrates.items():
            setattr(codec, f"{name}_BITRATE", bitrate)
    for name, encoder in {"Vp8Encoder": SizedVp8Encoder, "H264Encoder": SizedH264Encoder}.items():
        setattr(aiortc.codecs, name, encoder)
