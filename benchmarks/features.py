"""How far a mouth is open, lids are closed and irises are turned, measured on drawn pixels alone.

All pictures are premultiplied sRGB, uint8 (height, width, 4), the face upright, opaque and in one place: the face crop
of the teacher's box, or the whole box. Distances between colours are the greatest of the three channels'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.morpher import PremultipliedRgba

CHANGED = 24
"""Levels by which a pixel must change to belong to a feature."""
UNLIKE_SKIN = (20.0, 60.0)
"""Distance from the skin's colour at which a pixel begins to belong to the mouth, and at which it does wholly."""
LEAST_OPENING_PX = 12.0
"""Area below which no mouth is measured: the teacher hardly opens it."""
LEAST_EYEBALL_PX = 100
"""Pixels below which no eye is measured: its iris does not turn, it may be drawn shut."""
AROUND_PX = 2
"""By which a mouth reaches beyond the pixels that change: its line may not."""
LINE_PX = 0.5
"""Least thickness of the line that a mouth at rest is."""
UNLIKE_LID = (12.0, 48.0)
"""Distance from the colours of lid and lash at which a pixel begins to be uncovered, and at which it is wholly."""
LASH_PIXELS = 10
"""The darkest pixels of a shut eye: its lash."""
UNLIKE_WHITE = (40.0, 90.0)
"""The same for an iris, which is unlike the lid and unlike white."""

Levels = NDArray[np.float32]


class FeatureNotFoundError(ValueError):
    """A face has no such feature that moves."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A mouth, compared with the mouth at rest.

    Attributes:
        area_px: of what is thicker than the line of the mouth at rest.
        width_px: over how many columns it is.
        height_px: where it is thickest.
    """

    area_px: float
    width_px: float
    height_px: float


def changed_area(rest: PremultipliedRgba, others: Sequence[PremultipliedRgba]) -> NDArray[np.bool_]:
    """Where any of the pictures differs from the first: bool (height, width), the largest piece alone."""
    change = np.max([np.abs(other.astype(np.int16) - rest).max(axis=-1) for other in others], axis=0)
    count, pieces, facts, _centres = cv2.connectedComponentsWithStats((change > CHANGED).astype(np.uint8))
    if count == 1:
        return np.zeros(change.shape, np.bool_)
    return np.asarray(pieces == 1 + facts[1:, cv2.CC_STAT_AREA].argmax(), np.bool_)


class Mouth:
    """Measures one character's mouth.

    Args:
        rest: the face at rest.
        opened: the face with its mouth opened in every way, which tells where the mouth is.

    Raises:
        FeatureNotFoundError: the mouth hardly opens.
    """

    def __init__(self, rest: PremultipliedRgba, opened: Sequence[PremultipliedRgba]) -> None:
        changed = changed_area(rest, opened)
        self._area = grow(changed, AROUND_PX)
        if changed.sum() < LEAST_OPENING_PX:
            raise FeatureNotFoundError("the teacher hardly opens this mouth")
        self._skin = np.median(rest[self._area][:, :3], axis=0).astype(np.float32)
        line = self._thickness_px(rest)
        self._line_px = np.maximum(line, np.median(line[line > LINE_PX]) if (line > LINE_PX).any() else LINE_PX)
        if max(self.opening(picture).area_px for picture in opened) < LEAST_OPENING_PX:
            raise FeatureNotFoundError("the teacher hardly opens this mouth")

    def opening(self, picture: PremultipliedRgba) -> Opening:
        """How far it is open."""
        open_px = np.maximum(self._thickness_px(picture) - self._line_px, 0)
        return Opening(float(open_px.sum()), float(np.minimum(open_px, 1).sum()), float(open_px.max()))

    def _thickness_px(self, picture: PremultipliedRgba) -> Levels:
        """Of what is not skin, per column."""
        unlike = _soft(_distance(picture, self._skin), UNLIKE_SKIN)
        return np.asarray((unlike * self._area).sum(axis=0), np.float32)


class Eye:
    """Measures one eye of a character.

    Args:
        rest: the face at rest.
        glances: the face with its irises turned every way, which tells where the eyeball is.
        shut: the face with this eye shut, which tells the colours of its lid and lash.
        columns: among which this eye is, and not the other.

    Raises:
        FeatureNotFoundError: the iris does not turn.
    """

    def __init__(
        self, rest: PremultipliedRgba, glances: Sequence[PremultipliedRgba], shut: PremultipliedRgba, columns: slice
    ) -> None:
        self.ball = np.zeros(rest.shape[:2], np.bool_)
        self.ball[:, columns] = changed_area(rest[:, columns], [glance[:, columns] for glance in glances])
        if self.ball.sum() < LEAST_EYEBALL_PX:
            raise FeatureNotFoundError("the teacher does not turn this iris")
        skin = shut[self.ball][:, :3].astype(np.float32)
        self._lid = np.median(skin, axis=0)
        self._lash = np.mean(skin[np.argsort(skin.sum(axis=1))[:LASH_PIXELS]], axis=0)

    def coverage(self, picture: PremultipliedRgba) -> float:
        """Share of the eyeball that looks like lid or lash or something between, 0 to 1."""
        pixels = picture[self.ball][:, :3].astype(np.float32)
        towards = self._lash - self._lid
        part = np.clip((pixels - self._lid) @ towards / (towards @ towards + 1), 0, 1)
        between = self._lid + part[:, None] * towards
        return float(1 - _soft(np.abs(pixels - between).max(axis=1), UNLIKE_LID).mean())

    def gaze_px(self, picture: PremultipliedRgba) -> tuple[float, float]:
        """Centre of the iris: column and row."""
        rows, columns = np.nonzero(self.ball)
        pixels = picture[self.ball]
        unlike = np.minimum(_distance(pixels, self._lid), _distance(pixels, np.full(3, 255, np.float32)))
        weight = _soft(unlike, UNLIKE_WHITE) + np.float32(1e-6)
        return float(np.average(columns, weights=weight)), float(np.average(rows, weights=weight))


def greatest_drop(values: Sequence[float]) -> float:
    """By how much a sequence ever falls below its greatest value so far; 0 if it never falls."""
    return float(np.max(np.maximum.accumulate(values) - values))


def greatest_reversal(values: Sequence[float]) -> float:
    """The greatest step against the sequence's general direction; 0 if it is monotone."""
    direction = np.sign(values[-1] - values[0])
    return max(0.0, *(float(direction * (a - b)) for a, b in pairwise(values)))


def edges(picture: PremultipliedRgba) -> Levels:
    """Steepest change of any channel around each pixel, in levels per px, float32 (height, width)."""
    values = picture.astype(np.float32)
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0) / 8
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1) / 8
    return np.asarray(np.hypot(across, down).max(axis=-1), np.float32)


def rim(area: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels on both sides of an area's border."""
    mask, cross = area.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(cv2.dilate(mask, cross) - cv2.erode(mask, cross), np.uint8) > 0


def grow(area: NDArray[np.bool_], by_px: int) -> NDArray[np.bool_]:
    """The area and all pixels up to ``by_px`` rows and columns away."""
    side = 2 * by_px + 1
    return np.asarray(cv2.dilate(area.astype(np.uint8), np.ones((side, side), np.uint8)), np.uint8) > 0


def _distance(pixels: NDArray[np.uint8], colour: Levels) -> Levels:
    return np.asarray(np.abs(pixels[..., :3].astype(np.float32) - colour).max(axis=-1), np.float32)


def _soft(values: Levels, limits: tuple[float, float]) -> Levels:
    low, high = limits
    return np.asarray(np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1), np.float32)
