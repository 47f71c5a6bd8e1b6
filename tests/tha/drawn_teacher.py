"""A teacher that paints with numpy: quick, plain, and as exact as the real one about what poses do not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import numpy as np

from kuchipaku_tha.colour import LinearImage
from kuchipaku_tha.pose import INDEX, ROTATION, Pose
from kuchipaku_tha.teacher import FACE_REGION, FaceResult, TeacherResult

EYES = {"left": (slice(70, 90), slice(110, 140)), "right": (slice(70, 90), slice(52, 82))}
MOUTH = (slice(112, 124), slice(80, 112))
"""Rows and columns of the face crop."""


class DrawnTeacher:
    """Winks darken an eye, an open mouth reddens, and turning shifts the whole picture.

    Args:
        before_each: called before every face and turn: to count them, or to fail.
    """

    identity = "drawn"

    def __init__(self, before_each: Callable[[], None] = lambda: None) -> None:
        self._before_each = before_each
        self._picture: LinearImage | None = None

    def twin(self) -> Self:
        return type(self)(self._before_each)

    def set_picture(self, image: LinearImage) -> None:
        self._picture = image

    def face(self, pose: Pose) -> FaceResult:
        self._before_each()
        assert self._picture is not None
        crop = self._picture[:, *FACE_REGION].copy()
        for side, area in EYES.items():
            crop[:3, *area] -= pose[INDEX[f"eye_wink_{side}"]]
        crop[1:3, *MOUTH] -= pose[INDEX["mouth_aaa"]]
        return FaceResult(crop)

    def pose(self, pose: Pose) -> TeacherResult:
        self._before_each()
        assert self._picture is not None
        grid_change = np.zeros((2, 512, 512), np.float32)
        grid_change[0] = 0.02 * pose[ROTATION].sum()
        image = self._picture
        return TeacherResult(image, grid_change, image, image, np.zeros_like(image))
