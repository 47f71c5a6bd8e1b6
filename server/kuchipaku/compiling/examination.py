"""Looking at a picture before it is compiled: can it be used, and where is the head?"""

from __future__ import annotations

from dataclasses import dataclass

from kuchipaku.compiling.request import ExamineRequest
from kuchipaku_tha.advice import Advice, examine
from kuchipaku_tha.head import place
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.placement import Box
from kuchipaku_tha.teachers import PoseTeacher


@dataclass(frozen=True, slots=True)
class Examination:
    """What is known of a picture. All areas are in px of the picture as it is used.

    Attributes:
        width_px: of the picture.
        height_px: of the picture.
        head: where the head is.
        seen: what the teacher sees.
        advice: what might be better, the worst first.
    """

    width_px: int
    height_px: int
    head: Box
    seen: Box
    advice: tuple[Advice, ...]


def examine_picture(request: ExamineRequest, teacher: PoseTeacher | None) -> Examination:
    """Read a picture, place it, and check it against what the teacher was trained on.

    Args:
        request: the picture and what is known of it.
        teacher: looks for head and face; without it the outline is all there is to go by. Its picture is replaced.

    Raises:
        PictureError: it cannot be used.
    """
    picture = load_picture(request.picture, background_tolerance=request.background_tolerance)
    placement = place(picture, request.head, teacher)
    height_px, width_px = picture.shape[:2]
    advice = tuple(examine(picture, placement, teacher))
    return Examination(width_px, height_px, request.head or placement.head, placement.teacher_box, advice)
