"""Removing a plain background: a flood from the picture's borders that stops at the figure."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.morpher import StraightRgba

DEFAULT_TOLERANCE: Final = 0.1
"""Forgives the noise of a JPEG and a shallow gradient; outlines are much farther from their background."""

_BORDER_SHARE: Final = 0.5
_FIT_ROUNDS: Final = 8
_VARIATION: Final = 4.0
_LEAST_VARIATION: Final = 3.0
_GAP_SHARE: Final = 0.001
_EDGE_PX: Final = 2
_CREEP_PX: Final = 16
"""Side of the blocks in which a JPEG's colours are coded: as far as its noise reaches from an edge."""
_NEIGHBOURS: Final = np.ones((3, 3), bool)
_SPECK_PIXELS: Final = 9
_NOT_PLAIN = (
    "The background is not plain: less than half of the picture's border has the same colour. "
    "Remove it in a drawing program, or raise the tolerance."
)


def remove_background(picture: StraightRgba, tolerance: float = DEFAULT_TOLERANCE) -> StraightRgba:
    """Make a plain background transparent.

    The background's colour is learnt from the border, as a surface of the second degree, so a gradient or a vignette
    is still plain; so is how much it varies there. What varies no more and is connected to the border is removed,
    together with what lies close by and is within the tolerance. Pale clothes that reach the border stay, areas
    enclosed by the figure stay, and so does what lies behind a gap of a pixel or two in an outline. Along the edge,
    alpha is how far a pixel has come from the background's colour to that of the figure behind it, and the background's
    part in its colour is taken out.

    Args:
        picture: uint8 (height, width, 4); its alpha is ignored.
        tolerance: greatest difference from the background in any channel, as a share of full range, in (0, 1).

    Returns:
        uint8 (height, width, 4), straight alpha.

    Raises:
        PictureError: the tolerance is out of range, the border has no common colour, or nothing would be left.
    """
    if not 0 < tolerance < 1:
        raise PictureError(f"A tolerance of {tolerance:g} cannot be used. Give one between 0 and 1; 0.1 suits most.")
    colour = picture[..., :3].astype(np.float32)
    background, variation = _fit_background(colour, tolerance * 255)
    difference = np.abs(colour - background).max(axis=-1)
    outside = _flood(difference <= variation, difference <= tolerance * 255)
    if outside.mean() > 0.99:
        raise PictureError("Hardly anything differs from the background. Lower the tolerance.")
    return _cut_out(colour, background, outside)


def _fit_background(colour: NDArray[np.float32], tolerance: float) -> tuple[NDArray[np.float32], float]:
    """The background's colour at every pixel, and how far it varies from that.

    The colour is a quadratic per channel through the border pixels that agree.
    """
    height, width = colour.shape[:2]
    terms = _quadratic_terms(height, width)
    border = np.zeros((height, width), bool)
    border[[0, -1], :] = border[:, [0, -1]] = True
    values, border_terms = colour[border], terms[border]
    agrees = np.abs(values - _commonest(values, tolerance)).max(axis=-1) <= tolerance
    for _ in range(_FIT_ROUNDS):
        weights, *_ = np.linalg.lstsq(border_terms[agrees], values[agrees], rcond=None)
        difference = np.abs(values - border_terms @ weights).max(axis=-1)
        if np.mean(difference <= tolerance) < _BORDER_SHARE:
            raise PictureError(_NOT_PLAIN)
        typical = float(np.median(difference[difference <= tolerance]))
        variation = min(max(_VARIATION * typical, _LEAST_VARIATION), tolerance)
        agrees = difference <= variation
    return np.asarray(terms @ weights, np.float32), variation


def _quadratic_terms(height: int, width: int) -> NDArray[np.float32]:
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    one = np.ones_like(rows)
    return np.stack((one, rows, columns, rows * rows, rows * columns, columns * columns), axis=-1)


def _commonest(values: NDArray[np.float32], tolerance: float) -> NDArray[np.float32]:
    """The border's colour with most others near it, of a spread of candidates: float32 (3,)."""
    candidates = values[:: max(1, len(values) // 64)]
    counts = [(np.abs(values - candidate).max(axis=-1) <= tolerance).sum() for candidate in candidates]
    return np.asarray(candidates[int(np.argmax(counts))])


def _flood(certain: NDArray[np.bool_], near: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The part of ``certain`` that is connected to the border by a way wider than a gap in an outline.

    From there it creeps a little farther through ``near``, into notches that were too narrow and over soft edges.
    """
    radius = max(1, round(max(near.shape) * _GAP_SHARE))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    wide = np.pad(certain, radius + 1, constant_values=True).astype(np.uint8)
    passable = cv2.erode(wide, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    labels, _ = ndimage.label(passable)
    reached = cv2.dilate((labels == labels[0, 0]).astype(np.uint8), kernel)
    inner = (slice(radius + 1, -radius - 1),) * 2
    outside = ndimage.binary_dilation((reached[inner] > 0) & certain, _NEIGHBOURS, _CREEP_PX, mask=near)
    return np.asarray(outside | _islands(~outside, near))


def _islands(inside: NDArray[np.bool_], near: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Connected areas of ``inside`` in which nothing is clearly another colour than the background: specks of noise."""
    labels, count = ndimage.label(inside, _NEIGHBOURS)
    of_figure = np.bincount(labels[inside & ~near], minlength=count + 1) >= _SPECK_PIXELS
    return np.asarray(inside & ~of_figure[labels])


def _cut_out(colour: NDArray[np.float32], background: NDArray[np.float32], outside: NDArray[np.bool_]) -> StraightRgba:
    """The figure with a soft edge."""
    edge = np.asarray(ndimage.binary_dilation(outside, iterations=_EDGE_PX)) & ~outside
    figure = _nearest_colour(colour, edge | outside)
    way = figure - background
    share = ((colour - background) * way).sum(axis=-1) / np.maximum((way * way).sum(axis=-1), 1.0)
    alpha = np.where(edge, np.clip(share, 0, 1), ~outside)
    pure = background + (colour - background) / np.maximum(alpha, 0.05)[..., None]
    result = np.dstack((np.where(edge[..., None], pure, colour), alpha * 255))
    result[result[..., 3] < 0.5] = 0
    return np.asarray(np.rint(np.clip(result, 0, 255)), np.uint8)


def _nearest_colour(colour: NDArray[np.float32], unknown: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Every unknown pixel takes the colour of the nearest known one; a picture without known ones stays."""
    if unknown.all():
        return colour
    rows, columns = ndimage.distance_transform_edt(unknown, return_distances=False, return_indices=True)
    return np.asarray(colour[rows, columns])
