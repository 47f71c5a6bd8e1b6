"""How much work goes into a character."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CompileSettings:
    """How much work goes into a character.

    Attributes:
        face_samples: faces drawn by the teacher.
        turn_samples: turns drawn by the teacher, each about four times as costly as a face.
        fit_percent: share of the full training, 1 to 100.
        seed: of the poses and of the training; the same seed gives the same character.
    """

    face_samples: int = 1600
    turn_samples: int = 640
    fit_percent: int = 100
    seed: int = 0


DRAFT = CompileSettings(face_samples=258, turn_samples=79, fit_percent=20)
"""A usable character in about a minute."""
STANDARD = CompileSettings()
"""The default: about four minutes on two cores."""
FINE = CompileSettings(face_samples=2400, turn_samples=1000)
"""For a character that will be looked at for long: about seven minutes on two cores."""
