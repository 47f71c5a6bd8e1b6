"""The face at the frame's size."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kuchipaku_tha.face import FaceChange
from kuchipaku_tha.framing import frame_picture
from kuchipaku_tha.grids import Axis
from kuchipaku_tha.inset import FaceInset
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.placement import Placement, to_box
from tests.tha.drawings import fine_doll

PLACEMENTS = [Placement(0.5, 0.0, 0.0), Placement(0.4371, 31.27, 18.6), Placement(1.3, -409.4, -232.3)]
HEIGHT, WIDTH = 40, 52
AREA = (slice(125, 165), slice(230, 282))
"""Rows and columns of the box, about the doll's mouth where it is not moved."""


def inset_of(
    picture: NDArray[np.uint8], placement: Placement
) -> tuple[FaceInset, NDArray[np.uint8], NDArray[np.uint8]]:
    """The mouth's inset in frames of the picture's own size, the frame at rest, and the box."""
    framing = frame_picture(picture.shape[1], picture.shape[0], "own")
    source, box = framing.draw(picture), premultiply(to_box(picture, placement))
    return FaceInset(source, box, AREA, *framing.axes_over_box(placement)), source, box


def change(box: NDArray[np.uint8], colour: float | None, changed: float) -> FaceChange:
    area = box[AREA][..., :3].astype(np.float32)
    if colour is not None:
        area = np.full_like(area, colour)
    return FaceChange(area, np.full((HEIGHT, WIDTH), changed, np.float32))


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_face_at_rest_is_the_source_to_the_pixel(placement: Placement) -> None:
    inset, source, box = inset_of(fine_doll(), placement)
    drawn = inset.colour(inset.addition(change(box, None, 0.0)))
    assert np.array_equal(drawn, source[inset.area][..., :3])


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_nothing_of_the_source_shows_through_what_changed(placement: Placement) -> None:
    """A flat colour over the finest of lines: the middle of the area is flat as well."""
    inset, source, box = inset_of(fine_doll(), placement)
    step = placement.scale
    middle = tuple(slice(round(6 / step), -round(6 / step)) for _ in range(2))
    assert np.ptp(source[inset.area][middle][..., 0]) > 50
    drawn = inset.colour(inset.addition(change(box, 90.0, 1.0)))[middle]
    assert np.abs(drawn.astype(int) - 90).max() <= 1


def test_a_change_of_colour_alone_keeps_the_fine_lines() -> None:
    inset, source, box = inset_of(fine_doll(), PLACEMENTS[0])
    rested = change(box, None, 0.0)
    drawn = inset.colour(inset.addition(FaceChange(rested.colour - 20, rested.change)))
    middle = (slice(6, -6), slice(6, -6))
    before = source[inset.area][middle][..., :3].astype(int)
    assert np.abs(drawn[middle].astype(int) - before + 20).max() <= 1


def test_an_inset_moves_with_the_placement() -> None:
    """A box that is shifted by whole pixels gives the same picture, shifted."""
    picture = fine_doll()
    whole, _, box = inset_of(picture, Placement(1.0, 0.0, 0.0))
    framing = frame_picture(picture.shape[1], picture.shape[0], "own")
    moved = FaceInset(framing.draw(picture), box, AREA, Axis(framing.height_px, -30, 1), Axis(framing.width_px, -7, 1))
    assert moved.area == tuple(
        slice(side.start + by, side.stop + by) for side, by in zip(whole.area, (30, 7), strict=True)
    )
