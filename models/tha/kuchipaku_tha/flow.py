"""The teacher's warp on a coarse grid, continued smoothly beyond the character's outline."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.picture import SIZE_PX
from kuchipaku_tha.teacher import TeacherResult

FLOW_SIZE_PX = 128
"""Rows and columns of the coarse flow; it is interpolated to the picture's size."""

_TRUSTED_COVERAGE = 0.02
_SPREADS_PX = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


def coarse_flow(result: TeacherResult) -> NDArray[np.float32]:
    """Where the pixels of one of the teacher's pictures come from.

    The displacement is averaged over the character's own pixels only. In the empty background the teacher's
    displacement means nothing (its colour stage erases what it drags there), so the flow of the nearest part of the
    character is continued into it: a warp alone then leaves no ghosts, and the outline stays crisp.

    Returns:
        float32 (128, 128, 2): x then y, in px of the 512 px picture.
    """
    displacement_px = result.grid_change.transpose(1, 2, 0) * np.float32(SIZE_PX / 2)
    coverage = np.clip((result.image[3] + 1) / 2, 0, 1)
    weighted = np.dstack((displacement_px * coverage[..., None], coverage))
    side = (FLOW_SIZE_PX, FLOW_SIZE_PX)
    small = np.asarray(cv2.resize(weighted, side, interpolation=cv2.INTER_AREA), np.float32)
    return _continue_outwards(small[..., :2], small[..., 2])


def _continue_outwards(weighted_flow: NDArray[np.float32], coverage: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weighted flow divided by coverage; where there is none, averages over ever wider surroundings."""
    flow = np.zeros_like(weighted_flow)
    open_cells = np.ones(coverage.shape, bool)
    for spread_px in (0.0, *_SPREADS_PX):
        near_flow, near_coverage = weighted_flow, coverage
        if spread_px:
            near_flow = np.asarray(cv2.GaussianBlur(weighted_flow, (0, 0), spread_px))
            near_coverage = np.asarray(cv2.GaussianBlur(coverage, (0, 0), spread_px))
        ready = open_cells & (near_coverage > _TRUSTED_COVERAGE)
        flow[ready] = near_flow[ready] / near_coverage[ready, None]
        open_cells &= ~ready
    return flow
