"""Resampling as a pair of matrices: any scale and any sub-pixel offset, exact and cheap for small arrays.

Positions are continuous: sample n of an axis covers n to n + 1, its centre is at n + 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RADIUS = 2.0
"""Reach of the cubic in samples of the coarser side."""


@dataclass(frozen=True, slots=True)
class Axis:
    """How the samples drawn along one axis lie over the samples given.

    Attributes:
        count: samples drawn.
        start: position of the first drawn sample's edge among the given samples.
        step: length of a drawn sample in given samples; above 1 the drawn side is the coarser one.
    """

    count: int
    start: float
    step: float

    @property
    def centres(self) -> NDArray[np.float64]:
        """Middle of each drawn sample, as a position among the given ones: (count,)."""
        return np.asarray(self.start + (np.arange(self.count) + 0.5) * self.step, np.float64)

    @property
    def aligned(self) -> bool:
        """Whether every drawn sample is one of the given ones."""
        return self.step == 1 and float(self.start).is_integer()

    def covering(self, first: int, end: int) -> slice:
        """The drawn samples that see any of the given samples ``first`` to ``end`` (exclusive)."""
        reach = 0.0 if self.aligned else _RADIUS * max(self.step, 1.0)
        seeing = np.flatnonzero((self.centres > first - reach) & (self.centres < end + reach))
        return slice(int(seeing[0]), int(seeing[-1]) + 1) if seeing.size else slice(0, 0)

    def part(self, drawn: slice, first: int = 0) -> Axis:
        """A stretch of the drawn samples, with the given samples counted from ``first``."""
        return Axis(drawn.stop - drawn.start, self.start + drawn.start * self.step - first, self.step)


def weights_within(axis: Axis, given: int) -> NDArray[np.float32]:
    """Weights of ``given`` samples beyond which everything is 0: float32 (axis.count, given).

    The kernel is Keys' cubic with a = -1/2 (IEEE Trans. ASSP 29, 1981), widened where the drawn side is coarser.
    """
    taps, weights = _taps(axis)
    matrix = np.zeros((axis.count, given), np.float32)
    rows, inside = np.nonzero((taps >= 0) & (taps < given))
    matrix[rows, taps[rows, inside]] = weights[rows, inside]
    return matrix


def weights_extended(axis: Axis, given: int, first: int = 0, end: int | None = None) -> NDArray[np.float32]:
    """Weights of ``given`` samples where the one numbered ``first`` goes on before it, ``end`` - 1 after it.

    Returns:
        float32 (axis.count, given); every row sums to 1.
    """
    taps, weights = _taps(axis)
    matrix = np.zeros((axis.count, given), np.float32)
    clamped = np.clip(taps, first, (given if end is None else end) - 1)
    np.add.at(matrix, (np.arange(axis.count)[:, None], clamped), weights.astype(np.float32))
    return matrix


def _taps(axis: Axis) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Numbers of the given samples that each drawn sample sees, and their weights: both (count, taps)."""
    stretch = max(axis.step, 1.0)
    reach = int(np.ceil(_RADIUS * stretch))
    offsets = np.arange(-reach, reach + 1)
    taps = np.floor(axis.centres).astype(np.int64)[:, None] + offsets
    weights = _cubic((taps + 0.5 - axis.centres[:, None]) / stretch)
    return taps, weights / weights.sum(axis=1, keepdims=True)


def _cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    x = np.abs(distance)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < _RADIUS, far, 0.0))


class Resampler:
    """Draws a grid from another one; an axis that stays as it is costs nothing."""

    def __init__(self, rows: NDArray[np.float32], columns: NDArray[np.float32]) -> None:
        """Args:
        rows: weights, float32 (drawn rows, given rows).
        columns: weights, float32 (drawn columns, given columns).
        """
        self._rows = None if _is_identity(rows) else rows
        self._columns = None if _is_identity(columns) else np.ascontiguousarray(columns.T)

    def planes(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values (given rows, given columns, channels) as contiguous planes (channels, drawn rows, drawn columns)."""
        planes = np.ascontiguousarray(values.transpose(2, 0, 1))
        if self._rows is not None:
            planes = self._rows @ planes
        return planes if self._columns is None else planes @ self._columns

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values (given rows, given columns, channels) as (drawn rows, drawn columns, channels)."""
        if self._rows is None and self._columns is None:
            return values
        return np.ascontiguousarray(self.planes(values).transpose(1, 2, 0))


def _is_identity(matrix: NDArray[np.float32]) -> bool:
    return matrix.shape[0] == matrix.shape[1] and bool(np.array_equal(matrix, np.eye(len(matrix))))
