"""Scaling pictures with straight alpha."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kuchipaku_tha.morpher import StraightRgba

_FILTER_RADIUS: Final = 2
"""Of the cubic filter, in pixels of the coarser side."""


def resample(picture: StraightRgba, window: tuple[float, float, float, float], size: tuple[int, int]) -> StraightRgba:
    """A part of a picture at another size.

    A cubic filter over premultiplied colour, widened when the part shrinks. Filters with more lobes ring into the
    figure and leave it translucent along its outline. Colours are divided by alpha again before anything is clipped,
    so that rims keep the colour of the figure.

    Args:
        picture: uint8 (height, width, 4), straight alpha.
        window: left, top, right and bottom of the part in px, the upper left corner of the picture at 0; it may reach
            beyond the picture, where everything is transparent.
        size: width and height of the result.

    Returns:
        uint8 (height, width, 4), straight alpha.
    """
    left, top, right, bottom = window
    margin_px = math.ceil(_FILTER_RADIUS * max(1.0, (right - left) / size[0], (bottom - top) / size[1])) + 1
    first_column, first_row = math.floor(left) - margin_px, math.floor(top) - margin_px
    part = _cut(picture, first_column, first_row, math.ceil(right) + margin_px, math.ceil(bottom) + margin_px)
    area = (left - first_column, top - first_row, right - first_column, bottom - first_row)
    alpha = _resize(part[..., 3].astype(np.float32), area, size)
    share = part[..., 3].astype(np.float32) / np.float32(255)
    result = np.empty((size[1], size[0], 4), np.uint8)
    result[..., 3] = np.rint(np.clip(alpha, 0, 255))
    for channel in range(3):
        product = _resize(np.asarray(part[..., channel] * share, np.float32), area, size)
        result[..., channel] = np.rint(np.clip(product * (255 / np.maximum(alpha, 0.5)), 0, 255))
    result[result[..., 3] == 0] = 0
    return result


def _resize(
    plane: NDArray[np.float32], area: tuple[float, float, float, float], size: tuple[int, int]
) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC, box=area), np.float32)


def _cut(picture: StraightRgba, left: int, top: int, right: int, bottom: int) -> StraightRgba:
    """The pixels of a window; transparent where it lies beyond the picture."""
    height, width = picture.shape[:2]
    part = np.zeros((bottom - top, right - left, 4), np.uint8)
    rows, columns = slice(max(0, top), min(height, bottom)), slice(max(0, left), min(width, right))
    part[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = picture[rows, columns]
    return part
