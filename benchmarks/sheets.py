"""Contact sheets: teacher, compiled character and their difference, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kuchipaku.alpha import Rgb, composite
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.rectangle import Area

GREY = (150, 160, 170)
HEAD: Area = (slice(16, 336), slice(96, 416))
"""Rows and columns of the teacher's box: head and shoulders."""
FACE: Area = (slice(44, 228), slice(164, 348))
"""The face with some hair around it."""
CELL_PX = 176
DIFFERENCE_GAIN = 4
LABELS = ("teacher", "compiled", f"difference x{DIFFERENCE_GAIN}")
_LABEL_WIDTH_PX = 22
_WEBP_QUALITY = 80


def comparison(pairs: Sequence[tuple[PremultipliedRgba, PremultipliedRgba]], area: Area = HEAD) -> Rgb:
    """A sheet with its rows named.

    Args:
        pairs: compiled and teacher's picture of each column, in the teacher's box.
        area: what is shown of them.
    """
    return np.hstack([_labels(), *(_column(drawn[area], truth[area]) for drawn, truth in pairs)])


def grid(pictures: Sequence[PremultipliedRgba], columns: int, cell_px: int = CELL_PX) -> Rgb:
    """Pictures from left to right, row after row, each scaled to fit a square cell."""
    cells = [_fit(composite(picture, GREY), cell_px) for picture in pictures]
    blank = np.full((cell_px, cell_px, 3), GREY, np.uint8)
    cells += [blank] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[first : first + columns]) for first in range(0, len(cells), columns)])


def save(sheet: Rgb, path: Path) -> None:
    """Write a sheet as WebP or PNG, by its name; folders above it are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(path, quality=_WEBP_QUALITY, method=6)


def _column(drawn: PremultipliedRgba, truth: PremultipliedRgba) -> Rgb:
    a, b = composite(drawn, GREY), composite(truth, GREY)
    difference = np.clip(np.abs(a.astype(int) - b) * DIFFERENCE_GAIN, 0, 255).astype(np.uint8)
    return np.vstack([_fit(part, CELL_PX) for part in (b, a, difference)])


def _fit(picture: Rgb, cell_px: int) -> Rgb:
    height, width = picture.shape[:2]
    scale = cell_px / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    cell = np.full((cell_px, cell_px, 3), GREY, np.uint8)
    top, left = (cell_px - size[1]) // 2, (cell_px - size[0]) // 2
    cell[top : top + size[1], left : left + size[0]] = small
    return cell


def _labels() -> Rgb:
    parts = []
    for label in LABELS:
        lying: NDArray[np.uint8] = np.full((_LABEL_WIDTH_PX, CELL_PX, 3), 255, np.uint8)
        cv2.putText(lying, label, (8, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
        parts.append(cv2.rotate(lying, cv2.ROTATE_90_COUNTERCLOCKWISE))
    return np.vstack([np.asarray(part, np.uint8) for part in parts])
