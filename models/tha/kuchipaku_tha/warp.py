"""From the fitted flow over the teacher's box to a sampling map for every pixel of a frame."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.grids import Axis, Resampler, weights_extended
from kuchipaku_tha.picture import SIZE_PX
from kuchipaku_tha.rectangle import Area

CELL_PX: Final = 4
"""Frame px between the places at which the flow is resampled with a cubic; between them it is linear."""
REACH_PX: Final = 256
"""How far beyond the box, in box px, the flow at its border fades to stillness."""
SMOOTHING_PX: Final = 64
"""How far beyond the box, in box px, what moves differently side by side (an arm, a hip) has become one motion."""

_BLUR_PX: Final = 24
_RIM_CELLS: Final = 1
"""Outermost cells of the flow that are left out on a side where the picture goes on: the teacher's own border shows."""


class FrameWarp:
    """The warp of one character's frames of one size. Immutable; shared by morphers.

    Within the box the flow is resampled with a cubic, so that its grid does not show at any size. Where the picture
    reaches beyond the box, the flow at the border goes on, becomes smoother over ``SMOOTHING_PX`` and fades over
    ``REACH_PX``: the body below a bust comes to rest without a tear.
    """

    def __init__(
        self, rows: Axis, columns: Axis, flow_rows: int, flow_columns: int, figure: Area | None = None
    ) -> None:
        """Prepare.

        Args:
            rows: of the frame over those of the box.
            columns: of the frame over those of the box.
            flow_rows: of the fitted flow, which covers the box.
            flow_columns: of the fitted flow.
            figure: rectangle of the frame that holds all that is not transparent; the whole frame when absent.
        """
        self._frame: Area = slice(0, rows.count), slice(0, columns.count)
        self._figure = self._frame if figure is None else figure
        self._to_frame = np.float32(1 / rows.step)
        self._blur_cells = _BLUR_PX * flow_rows / SIZE_PX
        down, across = _BoxAxis(rows, flow_rows), _BoxAxis(columns, flow_columns)
        self._near = Resampler(down.near, across.near)
        self._beyond = Resampler(down.all, across.all) if down.goes_beyond or across.goes_beyond else None
        still_y, still_x = np.mgrid[: rows.count, : columns.count].astype(np.float32)
        self._still = still_x, still_y

    def new_map(self) -> NDArray[np.float32]:
        """The map that moves nothing, to be filled: float32 (2, height, width), x then y."""
        return np.stack(self._still)

    def fill(self, sampling_map: NDArray[np.float32], flow: NDArray[np.float32]) -> Area:
        """Write where the pixels of the frame come from, in frame px, as far as the figure can have moved.

        Args:
            sampling_map: float32 (2, height, width), from ``new_map``.
            flow: displacement in box px, float32 (flow rows, flow columns, 2), x then y.

        Returns:
            the rectangle that is written; beyond it the frame is transparent.
        """
        cells = self._cells(flow * self._to_frame)
        seen = self._reached(float(np.abs(cells[1]).max()), float(np.abs(cells[0]).max()))
        block = tuple(
            slice(max(0, side.start - CELL_PX), min(whole.stop, side.stop + CELL_PX))
            for side, whole in zip(seen, self._frame, strict=True)
        )
        inner = tuple(slice(side.start // CELL_PX, side.stop // CELL_PX) for side in block)
        for plane, still, displacement in zip(sampling_map, self._still, cells, strict=True):
            part = plane[block]
            cv2.resize(displacement[inner], part.shape[::-1], dst=part, interpolation=cv2.INTER_LINEAR)
            cv2.add(plane[seen], still[seen], dst=plane[seen])
        return seen

    def _reached(self, *reaches_px: float) -> Area:
        """The figure's rectangle, wider by how far anything moves along each axis, in whole cells."""
        rows, columns = (
            slice(
                max(0, int(side.start - reach_px - 1) // CELL_PX * CELL_PX),
                min(whole.stop, (int(side.stop + reach_px + 1) // CELL_PX + 1) * CELL_PX),
            )
            for side, whole, reach_px in zip(self._figure, self._frame, reaches_px, strict=True)
        )
        return rows, columns

    def _cells(self, flow: NDArray[np.float32]) -> NDArray[np.float32]:
        """The flow for each cell of the frame: (2, rows, columns)."""
        if self._beyond is None:
            return self._near.planes(flow)
        blurred = cv2.GaussianBlur(flow, (0, 0), self._blur_cells, borderType=cv2.BORDER_REPLICATE)
        smooth = np.asarray(blurred, np.float32)
        return self._beyond.planes(smooth) + self._near.planes(flow - smooth)


class _BoxAxis:
    """Weights of the flow's cells along one axis for each cell of the frame, both float32 (frame cells, flow cells).

    Attributes:
        goes_beyond: whether the frame shows more than the box along this axis.
        all: for the smooth flow; rows sum to 1 within the box and less beyond it.
        near: for what the flow has besides; the same within the box, 0 from ``SMOOTHING_PX`` beyond it.
    """

    def __init__(self, frame: Axis, flow_count: int) -> None:
        cell_px = SIZE_PX / flow_count
        before_px, after_px = -frame.start, frame.start + frame.count * frame.step - SIZE_PX
        first = _RIM_CELLS if before_px > cell_px else 0
        end = flow_count - _RIM_CELLS if after_px > cell_px else flow_count
        self.goes_beyond = first > 0 or end < flow_count
        cells = Axis(frame.count // CELL_PX, frame.start / cell_px, frame.step * CELL_PX / cell_px)
        beyond_px = np.maximum(np.abs(cells.centres * cell_px - SIZE_PX / 2) - SIZE_PX / 2, 0)
        self.all = weights_extended(cells, flow_count, first, end) * _fading(beyond_px / REACH_PX)
        self.near = self.all * _fading(beyond_px / SMOOTHING_PX)


def _fading(share: NDArray[np.float64]) -> NDArray[np.float32]:
    """From 1 at 0 to 0 at 1 without a corner at either end: (n, 1)."""
    x = np.minimum(share, 1)
    return np.asarray((1 - x**2 * (3 - 2 * x))[:, None], np.float32)
