"""Finding the head of a picture, and placing the picture by it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.eyes import Eyes, FaceTeacher, find_eyes
from kuchipaku_tha.figures import Figure, find_figures
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.mouth import WEAK_OPENING, mouth_opening
from kuchipaku_tha.placement import TEACHER_HEAD, Box, Placement, Point, place_head, place_whole, to_box
from kuchipaku_tha.resampling import resample

EYE_DISTANCE_PX: Final = 46.0
"""Distance of the eyes in the box, in pictures that are framed well: between 39 and 53."""
EYES_ROW_PX: Final = 139.0
"""Row of the eyes in the box, in the same pictures: between 134 and 144."""

MIN_CLARITY: Final = 0.45
"""Below it, what looks like eyes is not trusted: closed eyes and noise reach 0.42, heads tilted by 25 degrees 0.5."""
MIN_HEAD_PX: Final = 16.0

_WORK_SIDE_PX: Final = 1024
_HEAD_SHARES: Final = (0.33, 0.22, 0.5, 0.147, 0.75)
_REFINED: Final = 2
_HOPEFUL: Final = 0.02
_NEAR: Final = 0.25
_OTHER_SIZES: Final = (1.12, 0.9)
_CLEARLY_WIDER: Final = 1.5
_SURE: Final = 0.6
_DESCENTS: Final = (0.05, 0.5, 1.0, 1.5, 2.0)
# How far a picture's own framing may lie from the usual one before it is given up: px in the box, share of the scale.
_FRAMED_OFFSET_PX: Final = 20.0
_FRAMED_SCALE: Final = 1.3


@dataclass(frozen=True, slots=True)
class HeadFound:
    """A head.

    Attributes:
        box: from the top of the hair to the chin, in picture px; a square. It may reach beyond the picture.
        confidence: 0 to 1; below ``MIN_CLARITY`` it is a guess.
        how: "eyes" where the teacher sees them, "outline" when it is guessed as the upper third of the figure.
        eyes: in picture px, None for an outline.
    """

    box: Box
    confidence: float
    how: Literal["eyes", "outline"]
    eyes: Eyes | None = None


def find_head(picture: StraightRgba, teacher: FaceTeacher | None) -> HeadFound:
    """Look for the head of the picture's largest figure.

    The teacher is shown likely framings, and asked to wink: first heads of five sizes at the top of the figure, then,
    if none is clear, heads farther down or beside the middle. The distance of the eyes gives the size of the head;
    where the mouth hardly opens at that size, a little larger and smaller are tried. Takes 9 to about 40 inferences of
    the face.

    Args:
        picture: uint8 (height, width, 4), straight alpha.
        teacher: its picture is replaced. None guesses from the outline.
    """
    figures = find_figures(picture)
    if not figures:
        return HeadFound(Box(0, 0, picture.shape[1], picture.shape[0]), 0.0, "outline")
    onlooker = None if teacher is None else _Onlooker(teacher, picture, figures[0].box)
    eyes = None if onlooker is None else _find_eyes(onlooker, figures[0])
    if onlooker is None or eyes is None or eyes.clarity < MIN_CLARITY:
        return HeadFound(_head_at_top(figures[0], _HEAD_SHARES[0]), 0.0, "outline")
    return HeadFound(_best_sized(onlooker, eyes), eyes.clarity, "eyes", eyes)


def place(picture: StraightRgba, head: Box | None = None, teacher: FaceTeacher | None = None) -> Placement:
    """Place a picture in the teacher's box.

    A square picture whose eyes are about where the teacher expects them keeps its framing: one of 512×512 px is then
    not resampled at all. So does a square picture in which no head is found.

    Args:
        picture: uint8 (height, width, 4), straight alpha.
        head: given by the user, in picture px, from the top of the hair to the chin; looked for when absent.
        teacher: for looking; its picture is replaced. Without it, the outline is all there is to go by.

    Raises:
        PictureError: the given head is too small, or lies outside the picture.
    """
    if head is not None:
        _check_head(picture, head)
        return place_head(head)
    whole = place_whole(picture)
    square = picture.shape[0] == picture.shape[1]
    if square and (teacher is None or _is_framed(find_eyes(teacher, to_box(picture, whole)))):
        return whole
    found = find_head(picture, teacher)
    return whole if square and found.how == "outline" else place_head(found.box)


def _check_head(picture: StraightRgba, head: Box) -> None:
    height, width = picture.shape[:2]
    if not (head.height_px >= MIN_HEAD_PX and head.width_px > 0):
        raise PictureError(f"A head {head.height_px:g} px high is too small: give at least {MIN_HEAD_PX:g}.")
    inside = 0 <= head.centre.x_px <= width and 0 <= head.centre.y_px <= height
    if not inside or head.height_px > 2 * max(height, width):
        raise PictureError(
            f"The head box {head.left_px:g},{head.top_px:g},{head.width_px:g},{head.height_px:g} (left, top, width, "
            f"height) does not lie in the picture of {width}×{height} px. Draw it from the top of the hair to the chin."
        )


def _is_framed(eyes: Eyes | None) -> bool:
    """Whether eyes, in box px, are where the teacher expects them."""
    return (
        eyes is not None
        and eyes.clarity >= MIN_CLARITY
        and abs(eyes.middle.x_px - TEACHER_HEAD.centre.x_px) <= _FRAMED_OFFSET_PX
        and abs(eyes.middle.y_px - EYES_ROW_PX) <= _FRAMED_OFFSET_PX
        and 1 / _FRAMED_SCALE <= eyes.distance_px / EYE_DISTANCE_PX <= _FRAMED_SCALE
    )


def _head_of(eyes: Eyes, enlarged: float = 1.0) -> Box:
    """The head around eyes: the teacher's, scaled and shifted so that the eyes are where they usually are.

    Args:
        eyes: in picture px.
        enlarged: how much larger than usual the head is to appear in the box.
    """
    scale = EYE_DISTANCE_PX * enlarged / eyes.distance_px
    left = TEACHER_HEAD.centre.x_px - eyes.middle.x_px * scale
    return Placement(scale, left, EYES_ROW_PX - eyes.middle.y_px * scale).head


class _Onlooker:
    """Shows framings of one picture to the teacher."""

    def __init__(self, teacher: FaceTeacher, picture: StraightRgba, area: Box) -> None:
        self._teacher = teacher
        self._small, self._reduction = _working_copy(picture, area)

    def look(self, head: Box) -> Eyes | None:
        """The eyes of a supposed head, in picture px."""
        eyes = find_eyes(self._teacher, self._box(head))
        return None if eyes is None else eyes.to_picture(place_head(head))

    def opening(self, head: Box) -> float:
        """How far the mouth of a head opens."""
        box = self._box(head)
        eyes = find_eyes(self._teacher, box)
        return 0.0 if eyes is None else mouth_opening(self._teacher, box, eyes)

    def _box(self, head: Box) -> StraightRgba:
        placement = place_head(head)
        corner = placement.point_to_box(self._reduction.point_to_picture(Point(0, 0)))
        return to_box(self._small, Placement(placement.scale / self._reduction.scale, corner.x_px, corner.y_px))


def _best_sized(onlooker: _Onlooker, eyes: Eyes) -> Box:
    """The usual size, unless the mouth hardly opens there and opens clearly more at another."""
    best, opening = _head_of(eyes), 0.0
    for enlarged in (1.0, *_OTHER_SIZES):
        head = _head_of(eyes, enlarged)
        wider = onlooker.opening(head)
        if wider > _CLEARLY_WIDER * opening:
            best, opening = head, wider
        if opening >= WEAK_OPENING:
            break
    return best


def _find_eyes(onlooker: _Onlooker, figure: Figure) -> Eyes | None:
    """The clearest eyes, in picture px."""
    look = onlooker.look
    glimpses = [eyes for head in _likely_heads(figure) if (eyes := look(head))]
    glimpses.sort(key=_clarity, reverse=True)
    seen = [eyes for glimpse in glimpses[:_REFINED] if (eyes := look(_head_of(glimpse)))]
    best = max(seen, key=_clarity, default=None)
    if best is not None and best.clarity >= MIN_CLARITY:
        return best
    for head in _other_heads(figure):
        glimpse = look(head)
        if glimpse is None or glimpse.clarity < _HOPEFUL:
            continue
        eyes = look(_head_of(glimpse))
        if eyes is not None and (best is None or eyes.clarity > best.clarity):
            best = eyes
            if best.clarity >= _SURE:
                break
    return best


def _clarity(eyes: Eyes) -> float:
    return eyes.clarity


def _working_copy(picture: StraightRgba, area: Box) -> tuple[StraightRgba, Placement]:
    """An area of the picture, small enough to be placed often, and where the picture lies in it."""
    left, top = max(0, math.floor(area.left_px)), max(0, math.floor(area.top_px))
    cut = picture[top : math.ceil(area.bottom_px), left : math.ceil(area.right_px)]
    height, width = cut.shape[:2]
    scale = min(1.0, _WORK_SIDE_PX / max(width, height))
    if scale < 1:
        cut = resample(cut, (0, 0, width, height), (max(1, round(width * scale)), max(1, round(height * scale))))
    return cut, Placement(scale, -left * scale, -top * scale)


def _likely_heads(figure: Figure) -> Iterator[Box]:
    """Heads of several sizes at the top of a figure."""
    return (_head_at_top(figure, share) for share in _HEAD_SHARES)


def _head_at_top(figure: Figure, share: float) -> Box:
    size = figure.box.height_px * share
    return _head_at(figure, size, figure.box.top_px + size * _DESCENTS[0])


def _head_at(figure: Figure, size_px: float, top_px: float) -> Box:
    """A square in the middle of what the figure has in these rows."""
    middle = figure.middle_between(top_px, top_px + size_px) or figure.box.centre.x_px
    return Box(middle - size_px / 2, top_px, size_px, size_px)


def _other_heads(figure: Figure) -> Iterator[Box]:
    """Heads below a hat or a raised hand, and in the middle of the figure's upper half instead of its own rows."""
    top, height = figure.box.top_px, figure.box.height_px
    middle = figure.middle_between(top, top + height / 2) or figure.box.centre.x_px
    for descent in _DESCENTS:
        for share in _HEAD_SHARES:
            size = height * share
            if descent * size > height / 2:
                continue
            own = _head_at(figure, size, top + descent * size)
            if descent != _DESCENTS[0]:
                yield own
            if abs(own.centre.x_px - middle) > _NEAR * size:
                yield Box(middle - size / 2, own.top_px, size, size)
