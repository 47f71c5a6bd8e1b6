"""One drawn frame: the compiled morpher against the teacher it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from kuchipaku.bench.timing import Stopwatch, Timing
from kuchipaku_tha.character import Character
from kuchipaku_tha.fetch import missing_weights, teacher_folder
from kuchipaku_tha.pose import HIGH, LOW, POSE_SIZE, Pose
from kuchipaku_tha.teacher import Teacher

ROUNDS = 8
MORPHER_POSES_PER_ROUND = 40
SEED = 1


@dataclass(frozen=True, slots=True)
class DrawingFigures:
    """Times of one frame, every pose new.

    Attributes:
        morpher: of the compiled character.
        teacher: of the teacher under ONNX Runtime with one thread; None without its weights.
    """

    morpher: Timing
    teacher: Timing | None

    @property
    def ratio(self) -> float | None:
        """How many times longer the teacher takes (medians)."""
        return round(self.teacher.median_ms / self.morpher.median_ms, 1) if self.teacher else None


def random_poses(count: int) -> list[Pose]:
    """Poses in which all 45 parameters differ from one to the next, so that nothing is drawn from a cache."""
    values = np.random.default_rng(SEED).uniform(LOW, HIGH, (count, POSE_SIZE))
    return list(values.astype(np.float32))


def time_drawing(character: Character) -> DrawingFigures:
    """Time both by turns, so that whatever else the machine is doing falls on both."""
    teacher = None if missing_weights(teacher_folder()) else _teacher_of(character)
    morpher = character.morpher()
    poses = random_poses(1 + ROUNDS * MORPHER_POSES_PER_ROUND)
    fast, slow = Stopwatch(), Stopwatch()
    morpher.render(poses[0])
    if teacher:
        teacher.pose(poses[0])
    for first in range(1, len(poses), MORPHER_POSES_PER_ROUND):
        for pose in poses[first : first + MORPHER_POSES_PER_ROUND]:
            fast.time(partial(morpher.render, pose))
        if teacher:
            slow.time(partial(teacher.pose, poses[first]))
    return DrawingFigures(fast.timing(), slow.timing() if teacher else None)


def _teacher_of(character: Character) -> Teacher:
    teacher = Teacher.load(threads=1)
    teacher.set_picture(character.teacher_picture())
    return teacher
