"""Drawing a compiled character."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kuchipaku_tha.compiled import CompiledMorpher, MorphData, box_canvas
from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.pose import neutral_pose, pose_from
from tests.tha.drawings import MOUTH_AREA, doll, shifting_data


def doll_morpher(data: MorphData) -> CompiledMorpher:
    return CompiledMorpher(box_canvas(premultiply(doll()), data))


@pytest.fixture
def morpher() -> CompiledMorpher:
    return doll_morpher(shifting_data())


def test_the_neutral_pose_is_the_source_picture(morpher: CompiledMorpher) -> None:
    assert np.array_equal(morpher.render(neutral_pose()), premultiply(doll()))


def test_a_turn_moves_what_it_should(morpher: CompiledMorpher) -> None:
    turned = morpher.render(pose_from({"head_y": 1.0}))
    assert np.array_equal(turned[:, :400], premultiply(doll())[:, 10:410])


def test_a_mouth_value_changes_the_mouth_alone(morpher: CompiledMorpher) -> None:
    spoken = morpher.render(pose_from({"mouth_aaa": 0.5}))
    source = premultiply(doll())
    assert np.array_equal(spoken[MOUTH_AREA][..., 0], source[MOUTH_AREA][..., 0] + 50)
    outside = np.ones((512, 512), bool)
    outside[MOUTH_AREA] = False
    assert np.array_equal(spoken[outside], source[outside])


def test_drawing_does_not_depend_on_what_was_drawn_before(morpher: CompiledMorpher) -> None:
    rng = np.random.default_rng(2)
    names = ("head_y", "mouth_aaa")
    poses = [pose_from({name: rng.choice((0.0, 0.4, 1.0)) for name in names}) for _ in range(12)]
    for pose in poses:
        fresh = doll_morpher(shifting_data())
        assert np.array_equal(morpher.render(pose), fresh.render(pose))


def test_the_same_pose_twice_is_the_same_array_and_earlier_frames_stay_untouched(morpher: CompiledMorpher) -> None:
    first = morpher.render(pose_from({"mouth_aaa": 1.0}))
    assert morpher.render(pose_from({"mouth_aaa": 1.0})) is first
    kept = first.copy()
    morpher.render(pose_from({"mouth_aaa": 0.2, "head_y": -1.0}))
    assert np.array_equal(first, kept)
    assert not first.flags.writeable


def test_data_survives_its_file_form() -> None:
    again = MorphData.from_tensors(shifting_data().tensors(), 512)
    pose = pose_from({"head_y": -0.5, "mouth_aaa": 1.0})
    assert np.array_equal(doll_morpher(again).render(pose), doll_morpher(shifting_data()).render(pose))


def test_a_patch_outside_the_picture_is_refused() -> None:
    tensors = shifting_data().tensors()
    with pytest.raises(CharacterError, match="outside the picture"):
        MorphData.from_tensors(tensors | {"patch.0.corner": np.array([508, 0], np.int32)}, 512)


def test_the_teachers_shift_at_rest_comes_with_the_first_breath() -> None:
    shift = np.zeros((128, 128, 2), np.float32)
    shift[..., 1] = 4
    morpher = doll_morpher(replace(shifting_data(), flow_rest=shift))
    assert np.array_equal(morpher.render(neutral_pose()), premultiply(doll()))
    assert np.array_equal(morpher.render(pose_from({"breathing": 1.0}))[:500], premultiply(doll())[4:504])


def test_the_teachers_rest_shows_only_where_a_patch_changes_much() -> None:
    data = shifting_data()
    patch = replace(data.patches[0], rest=np.full((10, 32, 3), -8, np.float32))
    morpher = doll_morpher(replace(data, patches=(patch,)))
    source = premultiply(doll())[MOUTH_AREA][..., 0].astype(int)
    assert (morpher.render(neutral_pose())[MOUTH_AREA][..., 0] == source).all()
    assert (morpher.render(pose_from({"mouth_aaa": 0.25}))[MOUTH_AREA][..., 0] == source + 25 - 4).all()
    assert (morpher.render(pose_from({"mouth_aaa": 0.5}))[MOUTH_AREA][..., 0] == source + 50 - 8).all()
