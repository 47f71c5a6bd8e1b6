"""The poses in which compiled characters are compared with their teacher.

They are drawn here and not by the compiler, so that a compiler that learns other poses is still asked the same ones,
and from a seed of their own, so that it has not seen them.
"""

from __future__ import annotations

import itertools

import numpy as np

from kuchipaku.animator import Animator
from kuchipaku.emotions import BLEND_S, EMOTIONS
from kuchipaku.idle import BLINK_SLOT_S, Idle
from kuchipaku.timeline import Timeline
from kuchipaku.types import EmotionCue, Viseme, VisemeCue
from kuchipaku_tha.pose import HIGH, INDEX, LOW, PARAMETERS, ROTATION, Pose, neutral_pose

SEED = 20
LIVE_STEP_S = 2.7
EMOTION_EVERY_S = 4.0
HALF_SHUT = 0.6
FPS = 30
VISEME_S = (0.06, 0.18)
"""Shortest and longest viseme of the live poses: from quick to slow speech."""

SIDES = ("left", "right")
AT_ONCE = (0.1, 0.4, 0.35, 0.15)
"""How often none, one, two or three values of one part of the face are set in a wide pose."""
CORNER_CHANCE = 0.2
"""Of each corner of the mouth, the smirk and each small iris in a wide pose."""


def live_poses(count: int) -> list[Pose]:
    """Moments of an avatar that never stops talking and feels something else every four seconds.

    The animator's own poses, ``LIVE_STEP_S`` apart: random visemes end to end, a random one of the 28 emotions at 0.4
    to 1 of its strength, and all that it adds itself, which is blinks, glances, sways, breath and stress.
    """
    rng = np.random.default_rng(SEED)
    timeline = Timeline()
    end_s = (count + 1) * LIVE_STEP_S
    visemes = list(Viseme)
    starts_s = np.cumsum(rng.uniform(*VISEME_S, int(end_s / VISEME_S[0])))
    for start_s, next_s in itertools.pairwise(starts_s):
        if start_s < end_s:
            timeline.visemes.add(VisemeCue(start_s, next_s, visemes[rng.integers(len(visemes))]))
    for start_s in np.arange(0, end_s, EMOTION_EVERY_S):
        timeline.emotions.add(EmotionCue(float(start_s), str(rng.choice(EMOTIONS)), float(rng.uniform(0.4, 1.0))))
    animator = Animator(timeline, SEED)
    return [animator.pose_at((index + 1) * LIVE_STEP_S) for index in range(count)]


def wide_poses(count: int) -> list[Pose]:
    """Any values at all: every part of the face, and head and body, at random and independently of each other.

    Of each brow's, each eye's and the mouth's shapes, none to three (``AT_ONCE``) are set to anything in their range;
    corners of the mouth and small irises with a chance of one in five each; gaze, rotation and breathing always, to
    anything in their range.
    """
    rng = np.random.default_rng(SEED)
    return [_wide_pose(rng) for _ in range(count)]


def blink_poses(_count: int) -> list[Pose]:
    """Every one of the 28 emotions in the middle of a blink, while the mouth speaks: where most moves at once.

    The animator's own poses, like the live ones, of which few happen to be blinks.
    """
    rng = np.random.default_rng(SEED)
    timeline = Timeline()
    for index, emotion in enumerate(EMOTIONS):
        timeline.emotions.add(EmotionCue(index * BLINK_SLOT_S - BLEND_S, emotion, 1.0))
    end_s = len(EMOTIONS) * BLINK_SLOT_S
    for start_s in np.arange(0, end_s, VISEME_S[1]):
        timeline.visemes.add(VisemeCue(start_s, start_s + VISEME_S[1], list(Viseme)[rng.integers(len(Viseme))]))
    animator, idle = Animator(timeline, SEED), Idle(SEED)
    poses = []
    for index in range(len(EMOTIONS)):
        moments_s = np.arange(index * BLINK_SLOT_S, (index + 1) * BLINK_SLOT_S - BLEND_S, 1 / FPS)
        poses.append(animator.pose_at(min(moments_s, key=lambda t_s: abs(idle.at(t_s).blink - HALF_SHUT))))
    return poses


def _wide_pose(rng: np.random.Generator) -> Pose:
    pose = neutral_pose()
    for part in _PARTS:
        for index in rng.choice(part, rng.choice(len(AT_ONCE), p=AT_ONCE), replace=False):
            pose[index] = rng.random()
    for index in _SOMETIMES:
        if rng.random() < CORNER_CHANCE:
            pose[index] = rng.random()
    pose[_ALWAYS] = rng.uniform(LOW[_ALWAYS], HIGH[_ALWAYS])
    return pose


def _one_side(group: str, side: str) -> list[int]:
    return [parameter.index for parameter in PARAMETERS if parameter.group == group and parameter.name.endswith(side)]


_PARTS = [
    *(_one_side(group, side) for group in ("eyebrow", "eye") for side in SIDES),
    [INDEX[f"mouth_{shape}"] for shape in ("aaa", "iii", "uuu", "eee", "ooo", "delta")],
]
_SOMETIMES = [
    parameter.index
    for parameter in PARAMETERS
    if "corner" in parameter.name or "iris_small" in parameter.name or parameter.name == "mouth_smirk"
]
_ALWAYS = [INDEX["iris_rotation_x"], INDEX["iris_rotation_y"], *range(ROTATION.start, ROTATION.stop)]

KINDS = {"live": live_poses, "wide": wide_poses}
"""Poses over which means are taken, half of each."""
SEARCHED = {**KINDS, "blink": blink_poses}
"""Poses among which the worst are looked for."""
