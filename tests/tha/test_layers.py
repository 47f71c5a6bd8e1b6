"""Brows, lids and irises as layers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kuchipaku_tha.colour import srgb_to_linear_light
from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.layers import EyeLayers, Layer, UpperFace
from kuchipaku_tha.pose import INDEX, neutral_pose, pose_from
from tests.tha.drawings import linear_field

HEIGHT, WIDTH = 30, 40
EYE = (slice(12, 24), slice(10, 28))
IRIS = (slice(15, 21), slice(16, 22))
SKIN, BLUE, BROWN = (0.8, 0.6, 0.5), (0.1, 0.2, 0.9), (0.2, 0.1, 0.0)


def plane(channels: int, values: dict[int, float], area: tuple[slice, slice] = EYE) -> NDArray[np.float32]:
    rows, columns = area
    planes = np.zeros((rows.stop - rows.start, columns.stop - columns.start, channels), np.float32)
    for channel, value in values.items():
        planes[..., channel] = value
    return planes


def upper_face() -> UpperFace:
    """A blue iris on skin: a glance moves it by 4 px, a wink lays brown over the eye, a raised brow rises by 5 px."""
    skin = np.full((HEIGHT, WIDTH, 3), SKIN, np.float32)
    skin[IRIS] = BLUE
    brows = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    brows[8:10, 10:28, 3] = 1
    whole = slice(0, HEIGHT), slice(0, WIDTH)
    shift = Layer(linear_field([INDEX["eyebrow_raised_left"]], plane(2, {1: 5}, whole)), plane(2, {}, whole))
    iris = Layer(linear_field([INDEX["iris_rotation_x"]], plane(6, {0: -4})), plane(6, {2: -10}))
    lid = Layer(linear_field([INDEX["eye_wink_left"]], plane(4, {0: 20})), plane(4, {0: -10, 1: BROWN[0], 2: BROWN[1]}))
    eye = EyeLayers(EYE[0].start, EYE[1].start, iris, lid)
    cover = np.ones((HEIGHT, WIDTH, 1), np.float32)
    return UpperFace(90, 230, cover, skin, brows, shift, (eye,), np.zeros((HEIGHT, WIDTH, 3), np.float32))


def light(face: UpperFace, values: dict[str, float]) -> NDArray[np.float64]:
    """The face in linear light after a pose, taken back from its sRGB residual."""
    rest = face.residual(pose_from({"eye_wink_left": 0.0}))
    assert not rest.any()
    return srgb_to_linear_light((face.residual(pose_from(values)) + face._still) / 255)


def test_the_neutral_pose_adds_exactly_nothing() -> None:
    assert not upper_face().residual(neutral_pose()).any()


def test_a_glance_moves_the_iris_and_keeps_it_sharp() -> None:
    moved = light(upper_face(), {"iris_rotation_x": 1.0})
    expected = np.full((HEIGHT, WIDTH, 3), SKIN)
    expected[IRIS[0], IRIS[1].start + 4 : IRIS[1].stop + 4] = BLUE
    assert np.allclose(moved[12:24, 12:28], expected[12:24, 12:28], atol=2e-3)


def test_a_wink_covers_the_eye_wherever_it_looks() -> None:
    for values in ({"eye_wink_left": 1.0}, {"eye_wink_left": 1.0, "iris_rotation_x": 1.0}):
        assert np.allclose(light(upper_face(), values)[EYE], BROWN, atol=2e-3)


def test_half_a_wink_is_half_covered() -> None:
    assert np.allclose(
        light(upper_face(), {"eye_wink_left": 0.5})[EYE][0, 0], np.mean((SKIN, BROWN), axis=0), atol=2e-3
    )


def test_a_raised_brow_leaves_skin_behind() -> None:
    raised = light(upper_face(), {"eyebrow_raised_left": 1.0})
    assert np.allclose(raised[3:5, 10:28], 0, atol=2e-3)
    assert np.allclose(raised[8:10, 10:28], SKIN, atol=2e-3)


def test_nothing_changes_where_the_picture_is_not_covered() -> None:
    face = upper_face()
    face.cover[:, : WIDTH // 2] = 0
    residual = face.residual(pose_from({"eye_wink_left": 1.0}))
    assert not residual[:, : WIDTH // 2].any()
    assert residual[:, WIDTH // 2 :].any()


def test_layers_survive_their_file_form() -> None:
    face = upper_face()
    again = UpperFace.from_tensors("upper", face.tensors("upper"), 512)
    pose = pose_from({"iris_rotation_x": 0.7, "eye_wink_left": 0.4, "eyebrow_raised_left": 0.5})
    assert again.area == face.area
    assert np.allclose(again.residual(pose), face.residual(pose), atol=1.0)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("upper.corner", np.array([500, 230], np.int32)),
        ("upper.skin", np.zeros((HEIGHT, WIDTH, 4), np.float16)),
        ("upper.cover", np.full((HEIGHT, WIDTH, 1), np.nan, np.float16)),
        ("upper.eye.0.corner", np.array([25, 0], np.int32)),
        ("upper.eye.0.corner", np.array([-1, 0], np.int32)),
        ("upper.eye.0.iris.rest", np.zeros((3, 3, 6), np.float16)),
        ("upper.brow_shift.shape", np.array([HEIGHT, WIDTH * 2], np.int32)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name: str, array: NDArray[np.generic]) -> None:
    tensors = upper_face().tensors("upper")
    with pytest.raises(CharacterError, match="Compile the character again"):
        UpperFace.from_tensors("upper", tensors | {name: array}, 512)
