"""Advice on hands beside the face."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.advice.advice import Advice
from kuchipaku_tha.eyes import Eyes
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.placement import Box, Point

# Greatest difference of lightness and of colour, CIE Lab; shaded skin is darker more than it is of another colour.
_SKIN_LIGHTNESS: Final = 20.0
_SKIN_COLOUR: Final = 7.0
_HAND_SHARE: Final = 0.02
# In distances of the eyes: a head is 2.8 wide.
_REACH: Final = 2.2


def about_hands(picture: StraightRgba, seen: Eyes) -> Iterator[Advice]:
    """Large areas of the face's own skin colour beside the face, above the chin."""
    unit = seen.distance_px
    left, top = round(seen.middle.x_px - _REACH * unit), round(seen.middle.y_px - 1.6 * unit)
    area = (
        slice(max(0, top), max(0, round(seen.middle.y_px + 1.0 * unit))),
        slice(max(0, left), max(0, round(seen.middle.x_px + _REACH * unit))),
    )
    part = picture[area]
    skin = _skin(picture, seen)
    if part.size == 0 or skin is None:
        return
    lab = cv2.cvtColor(np.ascontiguousarray(part[..., :3]).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness, colour = np.abs(lab[..., 0] - skin[0]), np.linalg.norm(lab[..., 1:] - skin[1:], axis=-1)
    alike = (lightness < _SKIN_LIGHTNESS) & (colour < _SKIN_COLOUR) & (part[..., 3] > 200)
    opened = cv2.morphologyEx(
        alike.astype(np.uint8), cv2.MORPH_OPEN, np.ones((max(2, round(unit / 12)),) * 2, np.uint8)
    )
    _, _, statistics, centroids = cv2.connectedComponentsWithStats(opened, connectivity=4)
    corner = Point(area[1].start, area[0].start)
    for label in range(1, len(statistics)):
        x, y, width, height, pixels = (float(value) for value in statistics[label])
        beside = abs(centroids[label][0] + corner.x_px - seen.middle.x_px) / unit
        if pixels > _HAND_SHARE * (2.78 * unit) ** 2 and beside > 0.8:
            yield Advice(
                "hand-near-head",
                "hint",
                "Something of the skin's colour is beside the face, maybe a hand. It will be taken for a part of the "
                "head and turn with it.",
                "Use a picture with the hands away from the head.",
                Box(x + corner.x_px, y + corner.y_px, width, height),
            )


def _skin(picture: StraightRgba, seen: Eyes) -> NDArray[np.float32] | None:
    """Median colour of the cheeks, CIE Lab; None where they lie outside the picture."""
    unit = seen.distance_px
    rows = slice(max(0, round(seen.middle.y_px + 0.3 * unit)), max(0, round(seen.middle.y_px + 0.6 * unit)))
    columns = slice(max(0, round(seen.middle.x_px - 0.4 * unit)), max(0, round(seen.middle.x_px + 0.4 * unit)))
    part = picture[rows, columns, :3].reshape(-1, 3)
    if part.size == 0:
        return None
    median = np.median(part, axis=0).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(median[None, None], cv2.COLOR_RGB2LAB)[0, 0], np.float32)
