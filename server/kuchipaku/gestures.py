"""Short movements of the head that mean something."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from kuchipaku.easing import fade
from kuchipaku.types import GestureCue
from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.pose import Pose, neutral_pose, parameter_index

LONGEST_S = 5.0
"""Gestures last no longer than this."""


def _nod(progress: float) -> float:
    return 0.5 - 0.5 * math.cos(4 * math.pi * progress)


def _shake(progress: float) -> float:
    return math.sin(4 * math.pi * progress)


def _tilt(_progress: float) -> float:
    return 1.0


# Axis, reach in pose units, and the course of each gesture from 0 to 1 of its duration.
_MOVEMENTS: dict[str, tuple[str, float, Callable[[float], float]]] = {
    "nod": ("head_x", -0.5, _nod),
    "shake": ("head_y", 0.6, _shake),
    "tilt": ("neck_z", 0.6, _tilt),
}
GESTURES = tuple(_MOVEMENTS)


class UnknownGestureError(BadInputError):
    """There is no gesture of that name."""

    code = "unknown-gesture"


def check_gesture(name: str) -> None:
    """Raise UnknownGestureError, which lists the gestures, unless there is one of that name."""
    if name not in _MOVEMENTS:
        raise UnknownGestureError(f"There is no gesture {name!r}. Gestures: {', '.join(GESTURES)}.")


def gesture_offset(t_s: float, cues: Sequence[GestureCue]) -> Pose:
    """What the gestures under way add to the pose at a moment: float32 of shape (45,)."""
    offset = neutral_pose()
    for cue in cues:
        axis, reach, course = _MOVEMENTS[cue.gesture]
        edge_s = 0.3 * cue.duration_s
        envelope = fade(t_s, cue.start_s, cue.start_s + cue.duration_s - edge_s, edge_s, edge_s)
        progress = (t_s - cue.start_s) / cue.duration_s
        offset[parameter_index(axis)] += reach * cue.strength * envelope * course(progress)
    return offset
