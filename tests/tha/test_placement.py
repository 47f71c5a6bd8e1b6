"""Picture and box: the way there and back, and what the teacher gets to see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.placement import IDENTITY, TEACHER_HEAD, Box, Placement, Point, parse_head, place_head, to_box
from tests.tha.drawings import doll

OFFSET = st.floats(-2000, 2000)
POINTS = st.builds(Point, OFFSET, OFFSET)
PLACEMENTS = st.builds(Placement, st.floats(0.05, 8), OFFSET, OFFSET)


def noise(height: int, width: int) -> StraightRgba:
    picture = np.random.default_rng(1).integers(0, 256, (height, width, 4), np.uint8)
    picture[picture[..., 3] < 128] = 0
    return picture


@given(PLACEMENTS, POINTS)
def test_a_point_comes_back_where_it_was(placement: Placement, point: Point) -> None:
    back = placement.point_to_picture(placement.point_to_box(point))
    assert (back.x_px, back.y_px) == pytest.approx((point.x_px, point.y_px), abs=1e-6)


@given(PLACEMENTS)
def test_the_head_of_a_placement_gives_the_placement(placement: Placement) -> None:
    again = place_head(placement.head)
    assert (again.scale, again.left_px, again.top_px) == pytest.approx(
        (placement.scale, placement.left_px, placement.top_px), abs=1e-6
    )


def test_a_head_lands_where_the_teacher_looks_whatever_its_width() -> None:
    for width in (50, 120, 400):
        head = Box(300 - width / 2, 80, width, 200)
        placed = place_head(head).area_to_box(head)
        assert placed.height_px == pytest.approx(TEACHER_HEAD.height_px)
        assert placed.centre.x_px == pytest.approx(TEACHER_HEAD.centre.x_px)
        assert placed.bottom_px == pytest.approx(TEACHER_HEAD.bottom_px)


@pytest.mark.parametrize("head", [Box(0, 0, 10, 0), Box(0, 0, 10, -5)])
def test_a_head_without_height_is_refused(head: Box) -> None:
    with pytest.raises(ValueError, match="height"):
        place_head(head)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_placement_that_maps_nothing_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="not a placement"):
        Placement(scale, 0, 0)


def test_a_head_is_read_as_users_write_it() -> None:
    assert parse_head("-1.5, 40,160,170") == Box(-1.5, 40, 160, 170)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,three,4", "1,2,0,4", "1,2,3,-4", "1,2,3,nan", "inf,2,3,4", "1,2,3,1e9"]
)
def test_a_head_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match=r"LEFT,TOP,WIDTH,HEIGHT|no area"):
        parse_head(text)


def test_overlap_is_the_shared_part_of_both() -> None:
    assert Box(0, 0, 2, 2).overlap(Box(1, 0, 2, 2)) == pytest.approx(1 / 3)
    assert Box(0, 0, 2, 2).overlap(Box(5, 5, 2, 2)) == 0


def test_a_framed_picture_passes_through_bit_for_bit() -> None:
    assert np.array_equal(to_box(noise(512, 512), IDENTITY), noise(512, 512))


def test_whole_pixels_are_shifted_without_resampling() -> None:
    picture = noise(300, 700)
    box = to_box(picture, Placement(1.0, -50.0, 20.0))
    assert np.array_equal(box[20:320], picture[:, 50:562])
    assert not box[:20].any()
    assert not box[320:].any()


@pytest.mark.parametrize(("factor", "tolerance"), [(2, 1), (3, 1), (5, 1)])
def test_what_was_enlarged_comes_back(factor: int, tolerance: int) -> None:
    large = np.repeat(np.repeat(doll(), factor, axis=0), factor, axis=1)
    box = to_box(large, Placement(1 / factor, 0, 0))
    inside = (slice(80, 130), slice(215, 300))
    assert np.abs(box[inside].astype(int) - doll()[inside]).max() <= tolerance
    assert np.abs(premultiply(box).astype(int) - premultiply(doll())).mean() < 0.5


@pytest.mark.parametrize("scale", [0.13, 0.5, 0.77, 1.0, 1.31, 2.5])
def test_scaling_keeps_positions_and_bleeds_no_hidden_colour(scale: float) -> None:
    picture = np.zeros((400, 300, 4), np.uint8)
    picture[100:180, 50:150] = (250, 250, 250, 255)
    placement = Placement(scale, 40.3, 5.6)
    box = to_box(picture, placement)
    weight = box[..., 3].astype(float)
    rows, columns = np.mgrid[0:512, 0:512] + 0.5
    centre = placement.point_to_box(Point(100, 140))
    assert np.average(columns, weights=weight) == pytest.approx(centre.x_px, abs=0.05)
    assert np.average(rows, weights=weight) == pytest.approx(centre.y_px, abs=0.05)
    assert np.abs(box[box[..., 3] > 8][:, :3].astype(int) - 250).max() <= 1


def test_a_picture_cut_at_its_edge_keeps_a_hard_edge() -> None:
    picture = np.full((200, 200, 4), 255, np.uint8)
    box = to_box(picture, Placement(1.5, 100, 100))
    assert (box[102:398, 102:398, 3] >= 254).all()
    assert not box[:98].any()
    assert not box[402:].any()


def test_a_picture_beside_the_box_leaves_it_empty() -> None:
    assert not to_box(noise(64, 64), Placement(1.0, 600, 0)).any()
    assert not to_box(noise(64, 64), Placement(0.5, 0, -400)).any()
