"""The figures of a picture: its connected opaque areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.placement import Box

_WORK_SIDE_PX: Final = 256


@dataclass(frozen=True, slots=True)
class Figure:
    """A connected opaque area.

    Attributes:
        box: its bounds, in picture px.
        share: its part of all opaque pixels, 0 to 1.
        mask: bool, the whole picture scaled down.
        scale: pixels of the mask per picture px.
    """

    box: Box
    share: float
    mask: NDArray[np.bool_]
    scale: float

    def middle_between(self, top_px: float, bottom_px: float) -> float | None:
        """Median column of the figure between two rows, in picture px; None where it has nothing there."""
        first = max(0, int(top_px * self.scale))
        last = max(first + 1, round(bottom_px * self.scale))
        columns = np.nonzero(self.mask[first:last])[1]
        return (float(np.median(columns)) + 0.5) / self.scale if columns.size else None


def find_figures(picture: StraightRgba) -> list[Figure]:
    """All figures, the largest first; specks of less than a pixel of the mask do not count."""
    height, width = picture.shape[:2]
    scale = min(1.0, _WORK_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    alpha = cv2.resize(picture[..., 3], size, interpolation=cv2.INTER_AREA)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats((alpha > 127).astype(np.uint8), connectivity=8)
    total = int(statistics[1:, cv2.CC_STAT_AREA].sum())
    figures = []
    for label in range(1, count):
        left, top, breadth, length, area = (int(value) for value in statistics[label])
        box = Box(left / scale, top / scale, breadth / scale, length / scale)
        figures.append(Figure(box, area / total, labels == label, scale))
    return sorted(figures, key=lambda figure: figure.share, reverse=True)
