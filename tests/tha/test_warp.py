"""The warp at the frame's size, within the teacher's box and beyond it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kuchipaku_tha.grids import Axis
from kuchipaku_tha.warp import REACH_PX, FrameWarp

STILL = np.zeros((128, 128, 2), np.float32)


def displacement(rows: Axis, columns: Axis, flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the warp adds to the pixels' places: (2, height, width) in frame px."""
    warp = FrameWarp(rows, columns, *flow.shape[:2])
    sampling_map, still = warp.new_map(), warp.new_map()
    warp.fill(sampling_map, flow)
    return sampling_map - still


def test_without_flow_every_pixel_stays() -> None:
    assert not displacement(Axis(768, 3.7, 2 / 3), Axis(400, -60, 2 / 3), STILL).any()


@pytest.mark.parametrize("step", [1.0, 0.5, 2 / 3, 1.6])
def test_a_smooth_flow_is_the_same_at_every_size(step: float) -> None:
    """A smooth field over the box, compared at the pixels' own places in the box; no grid shows."""
    centres = (np.arange(128) + 0.5) * 4
    flow = STILL.copy()
    flow[..., 0] = 9 * np.sin(centres / 60)[None, :]
    flow[..., 1] = 6 * np.cos(centres / 50)[:, None]
    axis = Axis(int(480 / step) // 4 * 4, 16.0, step)
    x, y = displacement(axis, axis, flow) * step
    inner = slice(2, -2)
    np.testing.assert_allclose(x[50, inner], 9 * np.sin(axis.centres / 60)[inner], atol=0.02)
    np.testing.assert_allclose(y[inner, 50], 6 * np.cos(axis.centres / 50)[inner], atol=0.02)
    bends = np.abs(np.diff(x[50, inner], n=2)).max() / step**2
    assert bends < 5 * 9 / 60**2  # all of a cell's curvature lies at its border


def test_below_the_box_the_flow_goes_on_and_fades_without_a_tear() -> None:
    flow = STILL.copy()
    flow[..., 0] = 12
    x = displacement(Axis(1200, 0, 1), Axis(512, 0, 1), flow)[0][:, 256]
    assert x[:510] == pytest.approx(12, abs=1e-4)
    assert not x[512 + REACH_PX + 8 :].any()
    assert (np.diff(x[500:]) < 1e-5).all()
    assert np.abs(np.diff(x)).max() < 0.1


def test_what_moves_apart_at_the_border_becomes_one_below() -> None:
    flow = STILL.copy()
    flow[:, 4::8, 1] = 8
    y = displacement(Axis(1000, 0, 1), Axis(512, 0, 1), flow)[1][:, 100:-100]
    assert np.ptp(y[508]) > 6
    assert np.ptp(y[590]) < 0.5


def test_a_box_that_the_frame_cuts_is_not_extended() -> None:
    rng = np.random.default_rng(2)
    flow = rng.normal(size=(128, 128, 2)).astype(np.float32)
    whole = displacement(Axis(512, 0, 1), Axis(512, 0, 1), flow)
    cut = displacement(Axis(256, 128, 1), Axis(128, 64, 1), flow)
    np.testing.assert_allclose(cut[:, 4:-4, 4:-4], whole[:, 132:380, 68:188], atol=1e-4)


def test_only_what_the_figure_can_reach_is_written() -> None:
    flow = np.random.default_rng(3).uniform(-9, 9, (128, 128, 2)).astype(np.float32)
    axis = Axis(512, 0, 1)
    whole, part = FrameWarp(axis, axis, 128, 128), FrameWarp(axis, axis, 128, 128, (slice(100, 300), slice(37, 38)))
    expected, written = whole.new_map(), part.new_map()
    assert whole.fill(expected, flow) == (slice(0, 512), slice(0, 512))
    rows, columns = part.fill(written, flow)
    assert np.array_equal(written[:, rows, columns], expected[:, rows, columns])
    reached = (np.abs(expected[0] - 37) < 1) & (expected[1] > 99) & (expected[1] < 300)
    reached[rows, columns] = False
    assert not reached.any()
    assert columns.stop - columns.start < 40
