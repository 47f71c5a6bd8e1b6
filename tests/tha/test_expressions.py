"""What a built-in character's face shows, measured on its pixels."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pytest

from benchmarks.drawing import Drawing
from benchmarks.faces import LIDS, SIDES, combined_poses, morph_pose, syllables, viseme_pose
from benchmarks.features import Eye, Mouth, greatest_drop, greatest_reversal
from kuchipaku.types import Viseme
from kuchipaku.visemes import MORPHS, SHAPES
from kuchipaku_tha.character import Character
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import Pose, neutral_pose, pose_from
from kuchipaku_tha.teacher import FACE_REGION

STEPS = np.linspace(0.2, 1.0, 5)
OPEN_VISEMES = [viseme for viseme, shape in SHAPES.items() if shape.morphs.any() and shape.closure < 0.5]


class Face:
    """Draws the face crop of one character."""

    def __init__(self, character: Character) -> None:
        self._drawing = Drawing(character)

    def __call__(self, pose: Pose) -> PremultipliedRgba:
        return self._drawing.face_alone(pose)[FACE_REGION].copy()

    @cached_property
    def mouth(self) -> Mouth:
        return Mouth(self(neutral_pose()), [self(morph_pose(index, 1.0)) for index in range(len(MORPHS))])

    def eye(self, side: str, lid: str = "wink") -> Eye:
        glances = [self(pose_from({f"iris_rotation_{axis}": value})) for axis in "xy" for value in (-1.0, 1.0)]
        return Eye(self(neutral_pose()), glances, self(pose_from({f"eye_{lid}_{side}": 1.0})), SIDES[side])


@pytest.fixture(scope="module")
def face(character: Character) -> Face:
    return Face(character)


@pytest.mark.parametrize("morph", MORPHS)
def test_every_mouth_morph_opens_steadily(face: Face, morph: str) -> None:
    areas = [face.mouth.opening(face(morph_pose(MORPHS.index(morph), step))).area_px for step in STEPS]
    assert greatest_drop(areas) <= 0.1 * max(areas)
    assert areas[-1] > 5


@pytest.mark.parametrize("viseme", OPEN_VISEMES)
def test_every_viseme_opens_steadily(face: Face, viseme: Viseme) -> None:
    openings = [face.mouth.opening(face(viseme_pose(viseme, step))) for step in STEPS]
    areas = [opening.area_px for opening in openings]
    assert greatest_drop(areas) <= 0.05 * max(areas)
    assert greatest_drop([opening.width_px for opening in openings]) <= 3
    assert areas[-1] > 10


def test_lips_meet_for_every_m_b_and_p(face: Face) -> None:
    poses, closures = syllables("joy")
    areas = [face.mouth.opening(face(pose)).area_px for pose in poses]
    for closure in closures:
        assert min(areas[frame] for frame in closure) <= 0.03 * max(areas)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("lid", LIDS)
def test_lids_shut(face: Face, side: str, lid: str) -> None:
    eye = face.eye(side, lid)
    covered = [eye.coverage(face(pose_from({f"eye_{lid}_{side}": step}))) for step in STEPS]
    assert greatest_drop(covered) <= 0.01
    assert covered[-1] > 0.95


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_eyes_shut_one_by_one(face: Face, side: str, other: str) -> None:
    eye, rest = face.eye(side), face(neutral_pose())
    winking = face(pose_from({f"eye_wink_{other}": 1.0}))
    assert np.abs(winking[eye.ball].astype(int) - rest[eye.ball]).mean() <= 4  # the teacher's own: 2 levels


@pytest.mark.parametrize("side", SIDES)
def test_irises_follow_the_gaze(face: Face, side: str) -> None:
    eye = face.eye(side)
    for axis, across in (("x", 1), ("y", 0)):
        places = [
            eye.gaze_px(face(pose_from({f"iris_rotation_{axis}": value})))[across] for value in (-1, -0.5, 0.5, 1)
        ]
        assert greatest_reversal(places) == 0
        assert abs(places[-1] - places[0]) > 2


def test_expressions_combine(face: Face) -> None:
    """A wide smile does not open shut eyes, nor do shut eyes close the mouth."""
    half, shut = (face(pose) for pose in combined_poses()[:2])
    assert face.eye("left").coverage(shut) > 0.95
    assert face.mouth.opening(shut).area_px == pytest.approx(face.mouth.opening(half).area_px, rel=0.05)
