"""How far the teacher opens a mouth, and whether it is open already."""

from __future__ import annotations

from typing import Final

import numpy as np

from kuchipaku_tha.eyes import Eyes, FaceTeacher, face_change
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.pose import Pose, pose_from
from kuchipaku_tha.teacher import FACE_REGION

WEAK_OPENING: Final = 0.005
"""Below it a mouth hardly opens. Mouths that open well reach 0.015 to 0.05."""
OPEN_ALREADY: Final = 0.01
"""Above it a mouth is drawn open: stretching it to an "ee" covers it. Closed mouths stay below 0.007."""

_OPEN: Final = (pose_from({"mouth_aaa": 1.0}), pose_from({"mouth_ooo": 1.0}))
_STRETCHED: Final = pose_from({"mouth_iii": 1.0})
# In distances of the eyes: rows below them, and columns to either side of their middle.
_ROWS: Final = (0.35, 1.2)
_COLUMNS: Final = 0.45


def mouth_opening(teacher: FaceTeacher, box: StraightRgba, eyes: Eyes) -> float:
    """The area that changes when the mouth opens wide, in squares of the distance of the eyes, weighted by the change.

    Args:
        teacher: its picture must be ``box``.
        box: uint8 (512, 512, 4), straight alpha.
        eyes: in box px.
    """
    return max(_change(teacher, box, eyes, pose) for pose in _OPEN)


def mouth_closing(teacher: FaceTeacher, box: StraightRgba, eyes: Eyes) -> float:
    """The area that changes when the mouth is stretched, measured alike: large only where an open mouth is drawn."""
    return _change(teacher, box, eyes, _STRETCHED)


def _change(teacher: FaceTeacher, box: StraightRgba, eyes: Eyes, pose: Pose) -> float:
    change = face_change(teacher, box, pose)
    rows, columns = np.mgrid[0 : change.shape[0], 0 : change.shape[1]] + 0.5
    below = (rows + FACE_REGION[0].start - eyes.middle.y_px) / eyes.distance_px
    beside = (columns + FACE_REGION[1].start - eyes.middle.x_px) / eyes.distance_px
    area = (below > _ROWS[0]) & (below < _ROWS[1]) & (np.abs(beside) < _COLUMNS)
    return float(change[area].sum()) / 255 / eyes.distance_px**2
