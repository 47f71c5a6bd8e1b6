"""Advice drawn on its picture: the head box, what the teacher sees, and every finding, marked and named."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final, TypeAlias

import cv2
import numpy as np

from kuchipaku_tha.advice import Advice
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.placement import Box, Placement
from kuchipaku_tha.resampling import resample

Colour: TypeAlias = tuple[int, int, int, int]

_SHORTER_SIDE_PX: Final = 480
_LONGER_SIDE_PX: Final = 1400
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_FONT_SCALE: Final = 0.5
_LINE_PX: Final = 20
_MARGIN_PX: Final = 8
_CHARACTER_PX: Final = 9
_SQUARE_PX: Final = 12
_LIGHT: Final = (236, 240, 244, 255)
_DARK: Final = (214, 220, 226, 255)
_INK: Final = (20, 24, 32, 255)
_HEAD: Final = (0, 120, 215, 255)
_SEEN: Final = (110, 120, 130, 255)
_COLOURS: Final[dict[str, Colour]] = {
    "error": (200, 0, 40, 255),
    "warning": (225, 95, 0, 255),
    "hint": (120, 70, 190, 255),
}


def draw_advice(picture: StraightRgba, placement: Placement, advice: Sequence[Advice]) -> StraightRgba:
    """The picture on a chequered ground with every area of interest outlined, and a legend below.

    Args:
        picture: uint8 (height, width, 4), straight alpha.
        placement: where it lies in the teacher's box.
        advice: what to mark.

    Returns:
        uint8 (height, width, 4), opaque; small pictures are enlarged so that the marks can be read.
    """
    height, width = picture.shape[:2]
    scale = min(max(1.0, _SHORTER_SIDE_PX / min(height, width)), _LONGER_SIDE_PX / max(height, width))
    size = round(width * scale), round(height * scale)
    canvas = _on_squares(resample(picture, (0, 0, width, height), size))
    _outline(canvas, placement.teacher_box, scale, _SEEN, 1)
    _outline(canvas, placement.head, scale, _HEAD, 2)
    for number, item in enumerate(advice, 1):
        if item.area is not None:
            _outline(canvas, item.area, scale, _COLOURS[item.severity], 2)
            _tag(canvas, item.area, scale, number, _COLOURS[item.severity])
    return np.vstack((canvas, _legend(canvas.shape[1], advice)))


def _on_squares(picture: StraightRgba) -> StraightRgba:
    """Composited over light squares, so that transparency can be seen."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]] // _SQUARE_PX
    ground = np.where(((rows + columns) % 2)[..., None], np.array(_LIGHT, np.float32), np.array(_DARK, np.float32))
    share = picture[..., 3:].astype(np.float32) / 255
    mixed = picture.astype(np.float32) * share + ground * (1 - share)
    mixed[..., 3] = 255
    return np.ascontiguousarray(np.rint(mixed).astype(np.uint8))


def _outline(canvas: StraightRgba, area: Box, scale: float, colour: Colour, thickness: int) -> None:
    left, top, right, bottom = (round(edge * scale) for edge in area.edges)
    cv2.rectangle(canvas, (left, top), (right - 1, bottom - 1), (255, 255, 255, 255), thickness + 2)
    cv2.rectangle(canvas, (left, top), (right - 1, bottom - 1), colour, thickness)


def _tag(canvas: StraightRgba, area: Box, scale: float, number: int, colour: Colour) -> None:
    """A number left of the upper left corner of an area, kept inside the canvas."""
    side = _LINE_PX
    left = int(np.clip(round(area.left_px * scale) - side, 0, canvas.shape[1] - side))
    top = int(np.clip(round(area.top_px * scale), 0, canvas.shape[0] - side))
    _numbered_square(canvas, left, top, number, colour)


def _numbered_square(canvas: StraightRgba, left: int, top: int, number: int, colour: Colour) -> None:
    cv2.rectangle(canvas, (left, top), (left + _LINE_PX - 2, top + _LINE_PX - 2), colour, -1)
    offset = 5 if number < 10 else 1
    _write(canvas, str(number), left + offset, top, (255, 255, 255, 255))


def _write(canvas: StraightRgba, text: str, left: int, top: int, colour: Colour) -> None:
    cv2.putText(canvas, text, (left, top + _LINE_PX - 6), _FONT, _FONT_SCALE, colour, 1, cv2.LINE_AA)


def _legend(width: int, advice: Sequence[Advice]) -> StraightRgba:
    """What the outlines mean, in words; OpenCV's fonts know ASCII alone."""
    columns = max(20, (width - 2 * _MARGIN_PX - 28) // _CHARACTER_PX)
    entries: list[tuple[Colour, int | None, list[str]]] = [
        (_HEAD, None, ["the head, as it is placed"]),
        (_SEEN, None, ["what the networks see"]),
    ]
    for number, item in enumerate(advice, 1):
        words = f"{item.severity}: {item.reason} {item.remedy}".encode("ascii", "replace").decode()
        entries.append((_COLOURS[item.severity], number, textwrap.wrap(words, columns)))
    if not advice:
        entries.append((_INK, None, ["nothing to complain of"]))
    lines = sum(len(text) for _, _, text in entries)
    legend = np.full((2 * _MARGIN_PX + lines * _LINE_PX, width, 4), 255, np.uint8)
    top = _MARGIN_PX
    for colour, entry_number, text in entries:
        if entry_number is None:
            cv2.rectangle(legend, (_MARGIN_PX + 2, top + 3), (_MARGIN_PX + 16, top + 15), colour, 2)
        else:
            _numbered_square(legend, _MARGIN_PX, top, entry_number, colour)
        for line in text:
            _write(legend, line, _MARGIN_PX + 28, top, _INK)
            top += _LINE_PX
    return legend
