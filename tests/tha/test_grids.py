"""Resampling with matrices."""

from __future__ import annotations

import numpy as np
import pytest

from kuchipaku_tha.grids import Axis, Resampler, weights_extended, weights_within


@pytest.mark.parametrize("step", [0.3, 1.0, 1.7])
@pytest.mark.parametrize("start", [0.0, 0.4, 2.25])
def test_a_straight_line_stays_one(step: float, start: float) -> None:
    axis = Axis(8, 6 + start, step)
    drawn = weights_extended(axis, 40) @ (np.arange(40) + 0.5)
    np.testing.assert_allclose(drawn, axis.centres, atol=1e-4 if step <= 1 else 0.02)


def test_samples_that_lie_on_the_given_ones_are_taken_as_they_are() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(12, 9, 2)).astype(np.float32)
    resampler = Resampler(weights_within(Axis(12, 0, 1), 12), weights_within(Axis(5, 3, 1), 9))
    assert np.array_equal(resampler(values), values[:, 3:8])
    assert np.array_equal(resampler.planes(values), values[:, 3:8].transpose(2, 0, 1))


def test_what_lies_beyond_is_nothing_or_goes_on() -> None:
    axis = Axis(3, -6, 1)
    assert not weights_within(axis, 5).any()
    np.testing.assert_array_equal(weights_extended(axis, 5).argmax(axis=1), [0, 0, 0])
    np.testing.assert_array_equal(weights_extended(Axis(2, 9, 1), 5, first=1, end=4).argmax(axis=1), [3, 3])


def test_covering_finds_every_sample_that_sees_a_stretch() -> None:
    axis = Axis(100, -3.3, 0.37)
    seeing = np.flatnonzero(weights_within(axis, 40)[:, 10:15].any(axis=1))
    stretch = axis.covering(10, 15)
    assert stretch.start <= seeing[0]
    assert stretch.stop > seeing[-1]
    part = weights_within(axis.part(stretch), 40)
    assert np.array_equal(part, weights_within(axis, 40)[stretch])
    assert Axis(20, 0, 1).covering(4, 9) == slice(4, 9)
