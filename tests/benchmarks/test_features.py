from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.features import (
    Eye,
    FeatureNotFoundError,
    Mouth,
    changed_area,
    edges,
    greatest_drop,
    greatest_reversal,
    rim,
)

SKIN, DARK, WHITE, BLUE = (250, 220, 200), (120, 40, 40), (255, 255, 255), (30, 60, 200)


def face(*, mouth_px: int = 2, iris_at: int = 20, lid: bool = False) -> NDArray[np.uint8]:
    """A drawn face of 64×64 px: a mouth 20 px wide, and an eye with a round white and an iris."""
    picture = np.full((64, 64, 4), 255, np.uint8)
    picture[..., :3] = SKIN
    picture[40 : 40 + mouth_px, 20:40, :3] = DARK
    if lid:
        picture[20, 10:30, :3] = DARK
    else:
        picture[14:26, 10:30, :3] = WHITE
        picture[16:24, iris_at - 4 : iris_at + 4, :3] = BLUE
    return picture


def test_an_opening_is_what_is_thicker_than_the_line_of_a_mouth_at_rest() -> None:
    mouth = Mouth(face(), [face(mouth_px=10)])
    assert mouth.opening(face()).area_px == 0
    opening = mouth.opening(face(mouth_px=6))
    assert opening.height_px == pytest.approx(4)
    assert opening.width_px == pytest.approx(20)
    assert opening.area_px == pytest.approx(80)


def test_what_does_not_move_is_not_measured() -> None:
    with pytest.raises(FeatureNotFoundError):
        Mouth(face(), [face()])
    with pytest.raises(FeatureNotFoundError):
        Eye(face(lid=True), [face(lid=True)], face(lid=True), slice(0, 64))


def test_coverage_counts_lid_and_lash_but_neither_white_nor_iris() -> None:
    eye = Eye(face(), [face(iris_at=15), face(iris_at=25)], face(lid=True), slice(0, 64))
    assert eye.coverage(face(lid=True)) == pytest.approx(1)
    assert eye.coverage(face()) == pytest.approx(0)


def test_the_centre_of_the_iris_follows_the_gaze() -> None:
    eye = Eye(face(), [face(iris_at=15), face(iris_at=25)], face(lid=True), slice(0, 64))
    columns = [eye.gaze_px(face(iris_at=at))[0] for at in (16, 20, 24)]
    assert np.diff(columns) == pytest.approx([4, 4], abs=0.01)


def test_only_the_largest_piece_of_a_change_counts() -> None:
    changed = face(mouth_px=10)
    changed[2, 2, :3] = DARK
    area = changed_area(face(), [changed])
    assert not area[2, 2]
    assert area.sum() == 8 * 20


def test_drops_and_reversals() -> None:
    assert greatest_drop([0, 1, 3, 2.5, 4]) == pytest.approx(0.5)
    assert greatest_drop([0, 1, 2]) == 0
    assert greatest_reversal([5, 4, 4.2, 1]) == pytest.approx(0.2)
    assert greatest_reversal([5, 4, 1]) == 0


def test_a_step_is_an_edge_on_both_sides_of_its_rim() -> None:
    area = np.zeros((20, 20), np.bool_)
    area[5:15, 5:15] = True
    picture = np.repeat(area[..., None].astype(np.uint8) * np.uint8(100), 4, axis=-1)
    steep = edges(picture)
    assert steep[rim(area)].min() > 30
    assert steep[0].max() == 0
