"""Checking a picture against what the teacher was trained on."""

from __future__ import annotations

from kuchipaku_tha.advice.advice import SEVERITIES, Advice
from kuchipaku_tha.advice.face import about_face
from kuchipaku_tha.advice.outline import about_background, about_figures, about_head
from kuchipaku_tha.eyes import FaceTeacher
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.placement import Placement


def examine(picture: StraightRgba, placement: Placement, teacher: FaceTeacher | None = None) -> list[Advice]:
    """Check a picture against what the teacher was trained on.

    Args:
        picture: uint8 (height, width, 4), straight alpha.
        placement: where it lies in the teacher's box.
        teacher: looks at eyes and mouth, in about ten inferences of the face; its picture is replaced. Without it only
            the outline is checked.

    Returns:
        the worst first.
    """
    found = [*about_background(picture), *about_figures(picture, placement), *about_head(picture, placement)]
    if teacher is not None:
        found += about_face(picture, placement, teacher)
    if sum(advice.code == "several-figures" for advice in found) > 1:
        found.remove(next(advice for advice in reversed(found) if advice.code == "several-figures"))
    return sorted(found, key=lambda advice: SEVERITIES.index(advice.severity))
