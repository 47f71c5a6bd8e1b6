"""How a student's character moves, as against where the student fetches its colours."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_CELL_PX: Final = 4
_MEDIAN_CELLS: Final = 5
_MOST_DEVIATION_PX: Final = 3.0
_LEAST_COVERAGE: Final = 1e-3


def steady_displacement(grid_change: NDArray[np.float32], coverage: NDArray[np.float32]) -> NDArray[np.float32]:
    """The displacement without the places that move quite differently from their surroundings.

    A student learns to reproduce pictures, not movements: it may fill a lock of hair from another lock of the same
    colour, 50 px away. In its own sharp pictures that does not show; in a coarser displacement it tears the lock. Where
    the displacement departs from the median of 20×20 px around by more than 3 px, that median takes its place.

    Args:
        grid_change: (2, height, width), x then y, in units of half the picture.
        coverage: alpha of the picture that it makes, (height, width), [0, 1]; what is empty hardly counts.

    Returns:
        a new array of the same kind.
    """
    height, width = coverage.shape
    cells = (width // _CELL_PX, height // _CELL_PX)
    weight = np.maximum(coverage, _LEAST_COVERAGE)
    weight_of_cells = cv2.resize(weight, cells, interpolation=cv2.INTER_AREA)
    surroundings = np.empty_like(grid_change)
    for axis, plane in enumerate(grid_change):
        mean = cv2.resize(plane * weight, cells, interpolation=cv2.INTER_AREA) / weight_of_cells
        median = cv2.medianBlur(mean.astype(np.float32), _MEDIAN_CELLS)
        surroundings[axis] = cv2.resize(median, (width, height), interpolation=cv2.INTER_LINEAR)
    deviation_px = np.linalg.norm(grid_change - surroundings, axis=0) * (width / 2)
    return np.where(deviation_px < _MOST_DEVIATION_PX, grid_change, surroundings)
