"""Looking at a picture before it is compiled: can it be used, and where is the head?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.placement import Box, Placement, place_head, place_whole


@dataclass(frozen=True)
class Examination:
    """What is known of a picture.

    Attributes:
        picture: at its own size, uint8 (height, width, 4), straight alpha; the background is removed if asked for.
        placement: where it lies in the teacher's box.
        head: where the head is, in picture px.
    """

    picture: StraightRgba
    placement: Placement
    head: Box


def examine_picture(path: Path, head: Box | None = None, background_tolerance: float | None = None) -> Examination:
    """Read a picture and place it.

    Args:
        path: of the picture.
        head: where the head is, in picture px; found when absent.
        background_tolerance: remove a plain background first; leave it when absent.

    Raises:
        PictureError: it cannot be used.
    """
    picture = load_picture(path, background_tolerance=background_tolerance)
    placement = place_whole(picture) if head is None else place_head(head)
    return Examination(picture, placement, placement.head if head is None else head)
