"""Looking at a picture before it is compiled: can it be used, and where is the head?"""

from __future__ import annotations

from dataclasses import dataclass

from kuchipaku.compiling.request import ExamineRequest
from kuchipaku_tha.head import place
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.placement import Box
from kuchipaku_tha.teachers import PoseTeacher


@dataclass(frozen=True, slots=True)
class PictureAdvice:
    """Something about a picture that will make the character worse.

    Attributes:
        code: stable machine-readable name, kebab-case.
        severity: how bad it is.
        reason: what is the matter, and why it matters.
        remedy: what to do about it.
        area: where in the picture; None for all of it.
    """

    code: str
    severity: str
    reason: str
    remedy: str
    area: Box | None


@dataclass(frozen=True, slots=True)
class Examination:
    """What is known of a picture. All areas are in px of the picture as it is used.

    Attributes:
        width_px: of the picture.
        height_px: of the picture.
        head: where the head is.
        seen: what the teacher sees.
        advice: what might be better.
    """

    width_px: int
    height_px: int
    head: Box
    seen: Box
    advice: tuple[PictureAdvice, ...]


def examine_picture(request: ExamineRequest, teacher: PoseTeacher | None) -> Examination:
    """Read a picture and place it.

    Args:
        request: the picture and what is known of it.
        teacher: looks for the head; without it the outline is all there is to go by. Its picture is replaced.

    Raises:
        PictureError: it cannot be used.
    """
    picture = load_picture(request.picture, background_tolerance=request.background_tolerance)
    placement = place(picture, request.head, teacher)
    height_px, width_px = picture.shape[:2]
    return Examination(width_px, height_px, request.head or placement.head, placement.teacher_box, advice=())
