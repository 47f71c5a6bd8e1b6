"""Which poses a character is compiled from.

Two kinds are mixed: *live* poses are near what an avatar does most of the time (a blink, a glance, one mouth shape
going over into another, a slight turn); *wide* poses roam over the whole range, so that nothing goes wild there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.pose import INDEX, PARAMETERS, POSE_SIZE, ROTATION, Pose, neutral_pose

SIDES = ("left", "right")
_BROWS = ("troubled", "angry", "lowered", "raised", "happy", "serious")
_EYES = ("wink", "happy_wink", "surprised", "relaxed", "unimpressed", "raised_lower_eyelid")
_LIVE_EYE_SHARES = (0.6, 0.16, 0.06, 0.1, 0.04, 0.04)
_MOUTHS = ("aaa", "iii", "uuu", "eee", "ooo", "delta")
_CORNERS = ("lowered_corner_left", "lowered_corner_right", "raised_corner_left", "raised_corner_right", "smirk")

LIVE_SHARE = 0.5
"""Share of the face samples that are live ones."""


_LIVE_POWER = 4.0
"""Live turns are uniform ones to this power: a fifth of the range in the mean, twice what an avatar does."""


def probe_poses() -> list[Pose]:
    """One pose for every end of every face value, all others at rest: 41 poses."""
    probes = []
    for parameter in PARAMETERS[: ROTATION.start]:
        for end in filter(None, (parameter.low, parameter.high)):
            pose = neutral_pose()
            pose[parameter.index] = end
            probes.append(pose)
    return probes


def face_poses(count: int, seed: int) -> Pose:
    """Random faces: float32 (count, 45), rotation and breathing at rest.

    Left eye, right eye and mouth are drawn independently of each other, since separate patches are fitted to them.
    The first ones of many are those of few.
    """
    rng = np.random.default_rng(seed)
    return np.stack([_face_pose(rng) for _ in range(count)])


def turn_poses(count: int, seed: int) -> Pose:
    """Rotation and breathing over their whole range, denser near rest: float32 (count, 45), the face at rest.

    Sobol points; every other one is drawn towards the middle. The first ones of many are those of few.
    """
    from scipy.stats import qmc  # takes half a second, and only a compile needs it

    points = qmc.Sobol(ROTATION.stop - ROTATION.start, seed=seed).random(1 << max(1, count - 1).bit_length())[:count]
    turns = points * 2 - 1
    live = np.arange(count) % 2 == 1
    turns[live] = np.sign(turns[live]) * np.abs(turns[live]) ** _LIVE_POWER
    turns[:, -1] = points[:, -1]
    poses = np.zeros((count, POSE_SIZE), np.float32)
    poses[:, ROTATION] = turns
    return poses


def _face_pose(rng: np.random.Generator) -> Pose:
    pose = neutral_pose()
    for side in SIDES:
        live = rng.random() < LIVE_SHARE
        _activate(
            pose, rng, [f"eyebrow_{brow}_{side}" for brow in _BROWS], (0.3, 0.5, 0.2) if live else (0.1, 0.4, 0.3, 0.2)
        )
        _activate(
            pose,
            rng,
            [f"eye_{eye}_{side}" for eye in _EYES],
            (0.1, 0.7, 0.2) if live else (0.1, 0.4, 0.35, 0.15),
            _LIVE_EYE_SHARES if live else None,
        )
        if rng.random() < 0.2:
            pose[INDEX[f"iris_small_{side}"]] = rng.random()
    _draw_gaze(pose, rng, live=bool(rng.random() < LIVE_SHARE))
    _draw_mouth(pose, rng, live=bool(rng.random() < LIVE_SHARE))
    return pose


def _activate(
    pose: Pose,
    rng: np.random.Generator,
    names: Sequence[str],
    count_shares: Sequence[float],
    name_shares: Sequence[float] | None = None,
) -> None:
    """Set 0, 1, 2 … of the named values, as many as ``count_shares`` says, to random amounts; one in seven to 1."""
    count = rng.choice(len(count_shares), p=count_shares)
    for name in rng.choice(names, count, replace=False, p=name_shares):
        pose[INDEX[str(name)]] = 1.0 if rng.random() < 1 / 7 else rng.random()


def _draw_gaze(pose: Pose, rng: np.random.Generator, *, live: bool) -> None:
    if rng.random() < 0.2:
        return
    axes: NDArray[np.float64] = np.clip(rng.normal(0, 0.3, 2), -1, 1) if live else rng.uniform(-1, 1, 2)
    pose[INDEX["iris_rotation_x"]], pose[INDEX["iris_rotation_y"]] = axes


def _draw_mouth(pose: Pose, rng: np.random.Generator, *, live: bool) -> None:
    shapes = [f"mouth_{shape}" for shape in _MOUTHS]
    if live:
        chosen = rng.choice(shapes, 2, replace=False)
        opening, mix = rng.random(), rng.random()
        pose[INDEX[str(chosen[0])]] = opening * mix
        pose[INDEX[str(chosen[1])]] = opening * (1 - mix)
    else:
        _activate(pose, rng, shapes, (0.1, 0.4, 0.35, 0.15))
    for corner in _CORNERS:
        if rng.random() < 0.2:
            pose[INDEX[f"mouth_{corner}"]] = rng.random()
