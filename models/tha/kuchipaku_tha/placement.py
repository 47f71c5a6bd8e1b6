"""Where a picture lies in the teacher's box of 512×512 px.

Coordinates are continuous and begin at the upper left corner: the pixel in column 3 covers 3 to 4, its centre is at
3.5. They are picture px or box px; a placement converts one to the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import SIZE_PX, clear_hidden_colour
from kuchipaku_tha.resampling import resample

_FAR_PX: Final = 1e6


@dataclass(frozen=True, slots=True)
class Point:
    """A position, in px from the upper left corner; x to the right, y down."""

    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, in px. It may reach beyond the picture."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float

    @property
    def right_px(self) -> float:
        """Its right edge."""
        return self.left_px + self.width_px

    @property
    def bottom_px(self) -> float:
        """Its lower edge."""
        return self.top_px + self.height_px

    @property
    def centre(self) -> Point:
        """Its middle."""
        return Point(self.left_px + self.width_px / 2, self.top_px + self.height_px / 2)

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        return self.left_px, self.top_px, self.right_px, self.bottom_px

    def overlap(self, other: Box) -> float:
        """Shared area over joint area, 0 to 1."""
        width = min(self.right_px, other.right_px) - max(self.left_px, other.left_px)
        height = min(self.bottom_px, other.bottom_px) - max(self.top_px, other.top_px)
        shared = max(width, 0.0) * max(height, 0.0)
        return shared / (self.width_px * self.height_px + other.width_px * other.height_px - shared)


def parse_head(text: str) -> Box:
    """A head's box as a user writes it: ``LEFT,TOP,WIDTH,HEIGHT``, in picture px.

    Raises:
        BadInputError: these are not four numbers, width or height are not above 0, or it is far outside of any picture.
    """
    try:
        left, top, width, height = (float(number) for number in text.split(","))
    except ValueError:
        raise BadInputError(
            f"The head is given as LEFT,TOP,WIDTH,HEIGHT in pixels, such as 180,40,160,170, not {text!r}."
        ) from None
    if not (0 < width < _FAR_PX and 0 < height < _FAR_PX and abs(left) < _FAR_PX and abs(top) < _FAR_PX):
        raise BadInputError(f"The head {text!r} has no area, or lies far outside of any picture.")
    return Box(left, top, width, height)


TEACHER_BOX: Final = Box(0, 0, SIZE_PX, SIZE_PX)
"""All that the teacher sees, in box px."""

TEACHER_HEAD: Final = Box(192, 64, 128, 128)
"""Where THA3 was trained to find the head, in box px: the middle 128 columns, rows 64 to 192."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The map from picture px to box px: ``box = picture * scale + (left_px, top_px)``.

    Attributes:
        scale: box px per picture px, > 0.
        left_px: column of the box at which the picture begins; may be negative.
        top_px: row of the box at which it begins.
    """

    scale: float
    left_px: float
    top_px: float

    def __post_init__(self) -> None:
        """Refuse what maps nothing: ValueError for a scale that is not positive, or numbers that are not finite."""
        if not (self.scale > 0 and all(map(math.isfinite, (self.scale, self.left_px, self.top_px)))):
            raise ValueError(f"not a placement: scale {self.scale}, left {self.left_px}, top {self.top_px}")

    def point_to_box(self, point: Point) -> Point:
        """From picture px to box px."""
        return Point(point.x_px * self.scale + self.left_px, point.y_px * self.scale + self.top_px)

    def point_to_picture(self, point: Point) -> Point:
        """From box px to picture px."""
        return Point((point.x_px - self.left_px) / self.scale, (point.y_px - self.top_px) / self.scale)

    def area_to_box(self, area: Box) -> Box:
        """From picture px to box px."""
        corner = self.point_to_box(Point(area.left_px, area.top_px))
        return Box(corner.x_px, corner.y_px, area.width_px * self.scale, area.height_px * self.scale)

    def area_to_picture(self, area: Box) -> Box:
        """From box px to picture px."""
        corner = self.point_to_picture(Point(area.left_px, area.top_px))
        return Box(corner.x_px, corner.y_px, area.width_px / self.scale, area.height_px / self.scale)

    @property
    def teacher_box(self) -> Box:
        """What the teacher sees, in picture px."""
        return self.area_to_picture(TEACHER_BOX)

    @property
    def head(self) -> Box:
        """Where the teacher looks for the head, in picture px: :func:`place_head` with it gives this placement."""
        return self.area_to_picture(TEACHER_HEAD)


IDENTITY: Final = Placement(1.0, 0.0, 0.0)
"""A 512×512 picture framed the way the teacher wants it."""


def place_head(head: Box) -> Placement:
    """The placement that puts a head where the teacher looks for it.

    Args:
        head: from the top of the hair to the chin, in picture px. Its height decides the scale, its middle and its
            lower edge decide where it goes; its width is free.

    Raises:
        ValueError: a head without height.
    """
    if head.height_px <= 0:
        raise ValueError(f"a head box needs a height, not {head.height_px}")
    scale = TEACHER_HEAD.height_px / head.height_px
    return Placement(
        scale, TEACHER_HEAD.centre.x_px - head.centre.x_px * scale, TEACHER_HEAD.bottom_px - head.bottom_px * scale
    )


def place_whole(picture: StraightRgba) -> Placement:
    """The whole picture in the box, as large as it fits, at the top and in the middle: when no head is known."""
    height_px, width_px = picture.shape[:2]
    scale = SIZE_PX / max(width_px, height_px)
    return Placement(scale, (SIZE_PX - width_px * scale) / 2, 0.0)


def to_box(picture: StraightRgba, placement: Placement) -> StraightRgba:
    """What the teacher gets to see of a picture.

    Where nothing is scaled and whole pixels are shifted, the pixels stay as they are.

    Args:
        picture: uint8 (height, width, 4), straight alpha.
        placement: where it goes.

    Returns:
        uint8 (512, 512, 4), straight alpha, transparent where the picture does not reach; colour is 0 where alpha is.
    """
    height, width = picture.shape[:2]
    left, right = _touched(placement.left_px, width * placement.scale)
    top, bottom = _touched(placement.top_px, height * placement.scale)
    box = np.zeros((SIZE_PX, SIZE_PX, 4), np.uint8)
    if left >= right or top >= bottom:
        return box
    source = placement.area_to_picture(Box(left, top, right - left, bottom - top))
    if placement.scale == 1 and float(source.left_px).is_integer() and float(source.top_px).is_integer():
        rows = slice(int(source.top_px), int(source.bottom_px))
        box[top:bottom, left:right] = picture[rows, int(source.left_px) : int(source.right_px)]
    else:
        box[top:bottom, left:right] = resample(picture, source.edges, (right - left, bottom - top))
    return clear_hidden_colour(box)


def _touched(start_px: float, length_px: float) -> tuple[int, int]:
    """The pixels of the box that a stretch touches: the first, and the one after the last."""
    return max(0, math.floor(start_px)), min(SIZE_PX, math.ceil(start_px + length_px))
