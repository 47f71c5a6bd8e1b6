"""What flows through the server: sound, cues, frames. Times are seconds of the session's clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.morpher import PremultipliedRgba

SAMPLE_RATE_HZ = 48_000
"""Rate of all sound inside the server: Opus' own rate."""

Samples: TypeAlias = NDArray[np.float32]
"""Mono sound, float32 of shape (n,), nominally [-1, 1]."""


class Viseme(StrEnum):
    """Oculus' fifteen visemes."""

    SIL = "sil"
    PP = "PP"
    FF = "FF"
    TH = "TH"
    DD = "DD"
    KK = "kk"
    CH = "CH"
    SS = "SS"
    NN = "nn"
    RR = "RR"
    AA = "aa"
    E = "E"
    I = "I"  # noqa: E741
    O = "O"  # noqa: E741
    U = "U"


@dataclass(frozen=True, slots=True)
class VisemeCue:
    """A mouth shape held over a stretch of time.

    Attributes:
        start_s: begin; seconds of the session's clock, or of the speech's own start where a docstring says so.
        end_s: end, after ``start_s``.
        viseme: the shape.
        strength: how far the shape is opened, 0 to 1.
        released_s: when the mouth lets go of it early, because the speaker was interrupted.
    """

    start_s: float
    end_s: float
    viseme: Viseme
    strength: float = 1.0
    released_s: float = math.inf


@dataclass(frozen=True, slots=True)
class EmotionCue:
    """An emotion from a moment on.

    Attributes:
        start_s: when it begins to show.
        emotion: one of the 28 go-emotions labels.
        intensity: 0 to 1.
        duration_s: after which the face returns to neutral; None holds it until the next cue.
    """

    start_s: float
    emotion: str
    intensity: float = 1.0
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class GestureCue:
    """A short movement of head or body (``nod``, ``shake``, ``tilt``, ...)."""

    start_s: float
    gesture: str
    duration_s: float = 0.8
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class PoseCue:
    """Pose values set from outside, over whatever the avatar would do by itself.

    Attributes:
        start_s: when they begin to fade in.
        end_s: when they begin to fade out.
        indices: positions in the pose vector, int64 of shape (n,).
        values: float32 of shape (n,), within the parameters' ranges.
    """

    start_s: float
    end_s: float
    indices: NDArray[np.int64]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frame:
    """One drawn picture.

    Attributes:
        time_s: the moment of the session's clock that it shows.
        sequence: counts the frames of its avatar from 0; a gap is a dropped frame.
        rgba: premultiplied sRGB RGBA, uint8 of shape (height, width, 4); shared, so never written to.
    """

    time_s: float
    sequence: int
    rgba: PremultipliedRgba
