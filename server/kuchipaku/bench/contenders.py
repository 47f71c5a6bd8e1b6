"""Others that draw the same character in any pose: how long do they take?"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from kuchipaku_tha.character import Character
from kuchipaku_tha.fetch import missing_weights, own_weights_folder, teacher_folder
from kuchipaku_tha.pose import Pose
from kuchipaku_tha.teacher import Teacher
from kuchipaku_tha.tha4.student import Tha4Student

Draw: TypeAlias = Callable[[Pose], object]
"""Draws one frame."""

TEACHER = "teacher"
TORCH_TEACHER = "teacher_torch"
STUDENT = "student"
TORCH_STUDENT = "student_torch"


def load_contenders(character: Character, student_folder: Path | None) -> dict[str, Draw]:
    """Whatever is there, each with one thread: the teacher, a THA4 student, and both under torch.

    Args:
        character: whose picture the teacher draws.
        student_folder: of a THA4 student, which draws its own picture: that costs the same.

    Raises:
        WeightsError: files of a teacher or of the student are missing or damaged.
        PictureError: the student's picture cannot be used.
    """
    contenders: dict[str, Draw] = {}
    has_torch = importlib.util.find_spec("torch") is not None
    if own_weights_folder() is not None or not missing_weights(teacher_folder()):
        contenders[TEACHER] = _on_picture(Teacher.load(threads=1), character)
        if has_torch:
            contenders[TORCH_TEACHER] = _on_picture(_torch_teacher(), character)
    if student_folder is not None:
        contenders[STUDENT] = Tha4Student.load(student_folder, threads=1).pose
        if has_torch:
            contenders[TORCH_STUDENT] = _torch_student(student_folder).pose
    return contenders


def _on_picture(teacher: Teacher, character: Character) -> Draw:
    teacher.set_picture(character.teacher_picture())
    return teacher.pose


def _torch_teacher() -> Teacher:
    from kuchipaku_tha.teacher_torch import TorchTeacher

    return TorchTeacher.load(threads=1)


def _torch_student(folder: Path) -> Tha4Student:
    from kuchipaku_tha.teacher_torch import torch_loader

    return Tha4Student.load(folder, loader=torch_loader(threads=1))
