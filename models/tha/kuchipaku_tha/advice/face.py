"""Advice on what the teacher makes of the face."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kuchipaku_tha.advice.advice import HEAD_BOX_REMEDY, Advice
from kuchipaku_tha.advice.hands import about_hands
from kuchipaku_tha.eyes import Eyes, FaceTeacher, find_eyes
from kuchipaku_tha.head import EYE_DISTANCE_PX, EYES_ROW_PX, MIN_CLARITY
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.mouth import OPEN_ALREADY, WEAK_OPENING, mouth_closing, mouth_opening
from kuchipaku_tha.placement import TEACHER_HEAD, Box, Placement, to_box

_MAX_TILT_DEG: Final = 8.0
_UNCLEAR: Final = 0.6
_EYE_DISTANCES_PX: Final = (32.0, 62.0)
_MAX_OFFSET_PX: Final = 32.0


def about_face(picture: StraightRgba, placement: Placement, teacher: FaceTeacher) -> Iterator[Advice]:
    """Eyes, mouth, hands and other faces; the teacher's picture is replaced."""
    box = to_box(picture, placement)
    eyes = find_eyes(teacher, box)
    if eyes is None or eyes.clarity < MIN_CLARITY:
        yield Advice(
            "no-eyes",
            "error",
            "No pair of open eyes is seen where the head should be: they are closed, covered, seen from the side, or "
            "the head is somewhere else. Without them nothing in the face moves.",
            f"Use a picture with open eyes that looks at you. If this is one: {HEAD_BOX_REMEDY}",
            placement.head,
        )
        return
    seen = eyes.to_picture(placement)
    yield from _about_eyes(eyes, seen, placement)
    yield from _about_mouth(teacher, box, eyes, seen)
    yield from about_hands(picture, seen)
    yield from _about_neighbours(picture, placement, seen, teacher)


def _about_eyes(eyes: Eyes, seen: Eyes, placement: Placement) -> Iterator[Advice]:
    """Eyes in box px, and the same in picture px."""
    area = _eyes_area(seen)
    if abs(eyes.tilt_deg) > _MAX_TILT_DEG:
        yield Advice(
            "tilted-head",
            "warning",
            f"The head is tilted by {abs(eyes.tilt_deg):.0f} degrees. The networks expect it upright: lids and mouth "
            "come out slanted, and turns look odd.",
            "Use a picture with an upright head, or rotate this one.",
            placement.head,
        )
    if eyes.clarity < _UNCLEAR and abs(eyes.tilt_deg) <= _MAX_TILT_DEG:
        yield Advice(
            "unclear-eyes",
            "warning",
            "The eyes are hard to see: half covered, nearly closed, very small, or seen from the side.",
            "Use a picture that looks at you, with both eyes open and free of hair and hands.",
            area,
        )
    near, far = _EYE_DISTANCES_PX
    if not near <= eyes.distance_px <= far:
        size = "small" if eyes.distance_px < near else "large"
        yield Advice(
            f"head-too-{size}",
            "warning",
            f"The head is placed too {size}: the eyes are {eyes.distance_px / EYE_DISTANCE_PX:.1f} times as far apart "
            "as the networks expect, and mouth and lids will move badly.",
            HEAD_BOX_REMEDY,
            area,
        )
    offset_px = eyes.middle.x_px - TEACHER_HEAD.centre.x_px, eyes.middle.y_px - EYES_ROW_PX
    if max(map(abs, offset_px)) > _MAX_OFFSET_PX:
        yield Advice(
            "off-centre",
            "warning",
            "The eyes are far from where the networks expect them in the head box.",
            HEAD_BOX_REMEDY,
            area,
        )


def _about_mouth(teacher: FaceTeacher, box: StraightRgba, eyes: Eyes, seen: Eyes) -> Iterator[Advice]:
    area = Box(
        seen.middle.x_px - 0.4 * seen.distance_px,
        seen.middle.y_px + 0.3 * seen.distance_px,
        0.8 * seen.distance_px,
        0.7 * seen.distance_px,
    )
    if mouth_closing(teacher, box, eyes) > OPEN_ALREADY:
        yield Advice(
            "mouth-open",
            "warning",
            "The mouth is drawn open; it will not close fully between words.",
            "Use a picture with a closed mouth.",
            area,
        )
    elif mouth_opening(teacher, box, eyes) < WEAK_OPENING:
        yield Advice(
            "mouth-still",
            "warning",
            "The mouth hardly opens: the networks do not take it for a mouth.",
            "Draw it as one thin, nearly flat, dark red-brown line, about 0.4 times as wide as the eyes are apart.",
            area,
        )


def _about_neighbours(
    picture: StraightRgba, placement: Placement, seen: Eyes, teacher: FaceTeacher
) -> Iterator[Advice]:
    """Other faces beside this one."""
    for side in (-2.2, -1.3, 1.3, 2.2):
        shifted = Placement(placement.scale, placement.left_px - side * TEACHER_HEAD.width_px, placement.top_px)
        box = to_box(picture, shifted)
        head = TEACHER_HEAD
        rows = slice(round(head.top_px), round(head.bottom_px))
        columns = slice(round(head.left_px), round(head.right_px))
        if (box[rows, columns, 3] > 127).mean() < 0.4:
            continue
        eyes = find_eyes(teacher, box)
        if eyes is None or eyes.clarity < _UNCLEAR:
            continue
        other = eyes.to_picture(shifted)
        if abs(other.middle.x_px - seen.middle.x_px) > 1.5 * seen.distance_px:
            yield Advice(
                "several-figures",
                "warning",
                "There is a second face. Only one can become the character; the other is dragged along.",
                "Cut the picture to one figure, or choose the face with the head box.",
                _eyes_area(other),
            )
            return


def _eyes_area(eyes: Eyes) -> Box:
    unit = eyes.distance_px
    return Box(eyes.middle.x_px - unit, eyes.middle.y_px - 0.5 * unit, 2 * unit, unit)
