"""The 45 pose parameters of THA3: their names, order, ranges and groups.

The order is that of the published networks (Pramook Khungurn, "Talking Head(?) Anime from a Single Image 3"):
12 eyebrow values, 27 face values (eyes, irises, mouth), 6 rotation and breathing values.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import UnknownParameterError

Pose: TypeAlias = NDArray[np.float32]
"""One pose: float32 of shape (45,), each value within its parameter's range."""

Group = Literal["eyebrow", "eye", "iris", "mouth", "rotation"]


@dataclass(frozen=True, slots=True)
class PoseParameter:
    """One of THA3's parameters.

    Attributes:
        name: THA's name; a pair ends in ``_left`` or ``_right`` (the character's own left and right).
        index: position in the pose vector, 0 to 44.
        low: least value.
        high: greatest value.
        group: the part of the picture that it moves.
    """

    name: str
    index: int
    low: float
    high: float
    group: Group


def _build() -> tuple[PoseParameter, ...]:
    pairs: dict[str, Group] = dict.fromkeys(
        (
            "eyebrow_troubled",
            "eyebrow_angry",
            "eyebrow_lowered",
            "eyebrow_raised",
            "eyebrow_happy",
            "eyebrow_serious",
        ),
        "eyebrow",
    )
    eyes = ("wink", "happy_wink", "surprised", "relaxed", "unimpressed", "raised_lower_eyelid")
    names: list[tuple[str, float, Group]] = []
    names += [(f"{pair}_{side}", 0.0, group) for pair, group in pairs.items() for side in ("left", "right")]
    names += [(f"eye_{eye}_{side}", 0.0, "eye") for eye in eyes for side in ("left", "right")]
    names += [(f"iris_small_{side}", 0.0, "iris") for side in ("left", "right")]
    names += [(f"mouth_{shape}", 0.0, "mouth") for shape in ("aaa", "iii", "uuu", "eee", "ooo", "delta")]
    names += [
        (f"mouth_{corner}_corner_{side}", 0.0, "mouth")
        for corner in ("lowered", "raised")
        for side in ("left", "right")
    ]
    names += [("mouth_smirk", 0.0, "mouth")]
    names += [("iris_rotation_x", -1.0, "iris"), ("iris_rotation_y", -1.0, "iris")]
    names += [(axis, -1.0, "rotation") for axis in ("head_x", "head_y", "neck_z", "body_y", "body_z")]
    names += [("breathing", 0.0, "rotation")]
    return tuple(PoseParameter(name, index, low, 1.0, group) for index, (name, low, group) in enumerate(names))


PARAMETERS: tuple[PoseParameter, ...] = _build()
INDEX: dict[str, int] = {parameter.name: parameter.index for parameter in PARAMETERS}
POSE_SIZE = len(PARAMETERS)
LOW: Pose = np.array([parameter.low for parameter in PARAMETERS], np.float32)
HIGH: Pose = np.array([parameter.high for parameter in PARAMETERS], np.float32)

EYEBROW = slice(0, 12)
FACE = slice(12, 39)
ROTATION = slice(39, 45)


def _indices(groups: Iterable[str]) -> NDArray[np.int32]:
    return np.array([parameter.index for parameter in PARAMETERS if parameter.group in groups], np.int32)


MOUTH_INPUTS = _indices({"mouth"})
"""Indices of the values that move the mouth."""
BROW_INPUTS = _indices({"eyebrow"})
"""Indices of the values that move the brows."""
UPPER_INPUTS = _indices({"eyebrow", "eye", "iris"})
"""Indices of the values that move brows, lids and irises."""


def neutral_pose() -> Pose:
    """The pose of the source picture itself: 45 zeros."""
    return np.zeros(POSE_SIZE, np.float32)


def parameter_index(name: str) -> int:
    """Position of a parameter in the pose vector.

    Raises:
        UnknownParameterError: no such name; the message suggests the nearest one.
    """
    try:
        return INDEX[name]
    except KeyError:
        near = difflib.get_close_matches(name, INDEX, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " `kuchipaku pose --list` prints all 45 names."
        raise UnknownParameterError(f"There is no pose parameter {name!r}.{hint}") from None


def pose_from(values: Mapping[str, float], base: Pose | None = None) -> Pose:
    """A pose with the named values set and every value clamped into its range.

    Args:
        values: parameter name to value; any subset of the 45.
        base: pose to start from; the neutral pose when absent. It is not changed.

    Raises:
        UnknownParameterError: a name does not exist or a value is not finite.
    """
    pose = neutral_pose() if base is None else base.astype(np.float32, copy=True)
    for name, value in values.items():
        index = parameter_index(name)
        if not math.isfinite(value):
            raise UnknownParameterError(f"The value of {name} must be a finite number, not {value}.")
        pose[index] = value
    return clamp(pose)


def clamp(pose: Pose) -> Pose:
    """The pose with every value clamped into its parameter's range (a new array)."""
    return np.clip(pose, LOW, HIGH).astype(np.float32, copy=False)
