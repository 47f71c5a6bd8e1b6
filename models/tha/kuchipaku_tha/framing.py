"""Which frame shows a picture at which size, and where its pixels lie in the picture and in the teacher's box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.grids import Axis
from kuchipaku_tha.morpher import PremultipliedRgba, StraightRgba
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.placement import Placement
from kuchipaku_tha.resampling import resample

FrameSize: TypeAlias = Literal[512, 768, 1024, "own"]
"""Length of a frame's longer side in px, or ``own`` for the picture's own."""

FRAME_SIZES: Final[tuple[FrameSize, ...]] = get_args(FrameSize)
DEFAULT_SIDE_PX: Final = 512
"""Longer side of a frame when no size is asked for, unless the picture is smaller."""
MULTIPLE_PX: Final = 4
"""Of which frames' sides are multiples, as stacked video with halved colour needs it."""


@dataclass(frozen=True, slots=True)
class Framing:
    """A frame that shows a whole picture in the picture's own framing.

    The picture fills the frame but for the few pixels that make its sides multiples of ``MULTIPLE_PX``: above it, and
    half left and half right of it. There its outermost pixels are repeated.

    Attributes:
        width_px: of the frame.
        height_px: of the frame.
        scale: frame px per picture px.
        left_px: column of the frame at which the picture begins.
        top_px: row of the frame at which it begins.
    """

    width_px: int
    height_px: int
    scale: float
    left_px: float
    top_px: float

    def draw(self, picture: StraightRgba) -> PremultipliedRgba:
        """The picture in the frame, at own size pixel by pixel: uint8 (height_px, width_px, 4), premultiplied sRGB."""
        margin_px = math.ceil(MULTIPLE_PX / self.scale)
        padded = np.pad(picture, ((margin_px, margin_px), (margin_px, margin_px), (0, 0)), mode="edge")
        left, top = margin_px - self.left_px / self.scale, margin_px - self.top_px / self.scale
        if self.scale == 1:
            rows, columns = slice(int(top), int(top) + self.height_px), slice(int(left), int(left) + self.width_px)
            return premultiply(padded[rows, columns])
        window = (left, top, left + self.width_px / self.scale, top + self.height_px / self.scale)
        return premultiply(resample(padded, window, (self.width_px, self.height_px)))

    def axes_over_box(self, placement: Placement) -> tuple[Axis, Axis]:
        """Rows and columns of the frame over those of the teacher's box."""
        step = placement.scale / self.scale
        rows = Axis(self.height_px, placement.top_px - self.top_px * step, step)
        return rows, Axis(self.width_px, placement.left_px - self.left_px * step, step)


def frame_picture(width_px: int, height_px: int, size: FrameSize | None = None) -> Framing:
    """The frame for a picture.

    Args:
        width_px: of the picture.
        height_px: of the picture.
        size: of the frame; None takes the picture's own size, at most ``DEFAULT_SIDE_PX``.

    Raises:
        BadInputError: no such size.
    """
    if size is not None and size not in FRAME_SIZES:
        raise BadInputError(f"There is no frame size {size!r}. Choose one of {', '.join(map(str, FRAME_SIZES))}.")
    longer_px = max(width_px, height_px)
    side_px = min(longer_px, DEFAULT_SIDE_PX) if size is None else longer_px if size == "own" else size
    if side_px == longer_px:
        frame_width, frame_height = _padded(width_px), _padded(height_px)
        return Framing(frame_width, frame_height, 1.0, (frame_width - width_px) // 2, frame_height - height_px)
    scale = side_px / longer_px
    frame_width, frame_height = _padded(width_px * scale), _padded(height_px * scale)
    left_px = (frame_width - width_px * scale) / 2
    return Framing(frame_width, frame_height, scale, left_px, frame_height - height_px * scale)


def _padded(length_px: float) -> int:
    """The next multiple of ``MULTIPLE_PX``, rounding errors aside."""
    return math.ceil(round(length_px / MULTIPLE_PX, 6)) * MULTIPLE_PX
