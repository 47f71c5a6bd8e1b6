"""Frames of any size and shape."""

from __future__ import annotations

import numpy as np
import pytest

from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.framing import FrameSize, frame_picture
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.placement import Placement, Point


@pytest.mark.parametrize(
    ("picture", "size", "frame"),
    [
        ((512, 512), None, (512, 512)),
        ((2000, 1000), None, (512, 256)),
        ((300, 401), None, (300, 404)),
        ((300, 401), "own", (300, 404)),
        ((700, 1500), 1024, (480, 1024)),
        ((1024, 1024), 768, (768, 768)),
        ((1333, 2000), "own", (1336, 2000)),
        ((512, 512), 1024, (1024, 1024)),
    ],
)
def test_a_frame_has_the_pictures_shape(
    picture: tuple[int, int], size: FrameSize | None, frame: tuple[int, int]
) -> None:
    framing = frame_picture(*picture, size)
    assert (framing.width_px, framing.height_px) == frame
    assert framing.top_px + picture[1] * framing.scale == pytest.approx(framing.height_px)


def test_unknown_sizes_are_refused() -> None:
    with pytest.raises(BadInputError, match="512, 768, 1024, own"):
        frame_picture(512, 512, 640)  # type: ignore[arg-type]


def test_at_its_own_size_the_picture_is_copied_and_its_rim_goes_on() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (130, 129, 4), np.uint8)
    drawn = frame_picture(129, 130, "own").draw(picture)
    assert drawn.shape == (132, 132, 4)
    assert np.array_equal(drawn[2:, 1:130], premultiply(picture))
    assert np.array_equal(drawn[0], drawn[2])
    assert np.array_equal(drawn[:, 131], drawn[:, 129])


def test_a_scaled_picture_keeps_its_place() -> None:
    rows, columns = np.mgrid[0:600, 0:900]
    picture = np.zeros((600, 900, 4), np.uint8)
    picture[np.hypot(rows - 400, columns - 250) < 60] = 255
    framing = frame_picture(900, 600)
    alpha = framing.draw(picture)[..., 3]
    assert alpha.shape == (344, 512)
    y, x = np.mgrid[0:344, 0:512] + 0.5
    centre = (np.average(x, weights=alpha), np.average(y, weights=alpha))
    assert centre == pytest.approx(
        (250.5 * framing.scale + framing.left_px, 400.5 * framing.scale + framing.top_px), abs=0.02
    )


def test_the_box_is_found_from_the_frame() -> None:
    placement = Placement(0.4, 30.0, -12.5)
    framing = frame_picture(801, 1203, 768)
    rows, columns = framing.axes_over_box(placement)
    in_box = placement.point_to_box(Point(300.0, 500.0))
    x, y = 300 * framing.scale + framing.left_px, 500 * framing.scale + framing.top_px
    assert columns.start + x * columns.step == pytest.approx(in_box.x_px)
    assert rows.start + y * rows.step == pytest.approx(in_box.y_px)
