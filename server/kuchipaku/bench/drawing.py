"""One drawn frame: the compiled morpher against the teacher it was fitted to."""

from __future__ import annotations

import numpy as np

from kuchipaku.bench.timing import Timing, time_each
from kuchipaku_tha.character import PICTURE_FILE, Character
from kuchipaku_tha.colour import srgb_to_linear_image
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.pose import HIGH, LOW, POSE_SIZE, Pose
from kuchipaku_tha.teacher import Teacher

MORPHER_POSES = 300
TEACHER_POSES = 8
WARM_UP_POSES = 5
SEED = 1


def random_poses(count: int) -> list[Pose]:
    """Poses in which all 45 parameters differ from one to the next, so that nothing is drawn from a cache."""
    values = np.random.default_rng(SEED).uniform(LOW, HIGH, (count, POSE_SIZE))
    return list(values.astype(np.float32))


def time_morpher(character: Character) -> Timing:
    """Time the compiled morpher on random poses."""
    morpher = character.morpher()
    poses = random_poses(WARM_UP_POSES + MORPHER_POSES)
    for pose in poses[:WARM_UP_POSES]:
        morpher.render(pose)
    return time_each(morpher.render, poses[WARM_UP_POSES:])


def time_teacher(character: Character) -> Timing:
    """Time the teacher under ONNX Runtime with one thread, on the first of the same poses and the same picture.

    Raises:
        WeightsError: its weights are missing or damaged.
    """
    teacher = Teacher.load(threads=1)
    teacher.set_picture(srgb_to_linear_image(load_picture(character.folder / PICTURE_FILE)))
    poses = random_poses(1 + TEACHER_POSES)
    teacher.pose(poses[0])
    return time_each(teacher.pose, poses[1:])
