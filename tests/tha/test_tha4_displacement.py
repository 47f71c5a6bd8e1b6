from __future__ import annotations

import numpy as np

from kuchipaku_tha.tha4.displacement import steady_displacement

SIZE_PX = 128
HALF_PX = SIZE_PX / 2


def turning() -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : SIZE_PX * 1j, -1 : 1 : SIZE_PX * 1j]
    return np.stack([0.1 * (1 - x * x), 0.05 * y]).astype(np.float32)


def test_smooth_movements_stay_as_they_are() -> None:
    grid_change = turning()
    got = steady_displacement(grid_change, np.ones((SIZE_PX, SIZE_PX), np.float32))
    np.testing.assert_array_equal(got, grid_change)


def test_a_lock_filled_from_elsewhere_moves_with_its_surroundings() -> None:
    grid_change, torn = turning(), turning()
    torn[0, 40:64, 60:68] += 30 / HALF_PX
    got = steady_displacement(torn, np.ones((SIZE_PX, SIZE_PX), np.float32))
    assert np.abs(got - grid_change).max() * HALF_PX < 1.5


def test_what_is_empty_hardly_counts() -> None:
    grid_change = np.zeros((2, SIZE_PX, SIZE_PX), np.float32)
    grid_change[:, :, 64:] = 1.0
    coverage = np.ones((SIZE_PX, SIZE_PX), np.float32)
    coverage[:, 62:] = 0
    got = steady_displacement(grid_change, coverage)
    assert not got[:, :, :62].any()
