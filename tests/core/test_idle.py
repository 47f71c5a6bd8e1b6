from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuchipaku.idle import BLINK_CLOSE_S, BLINK_OPEN_S, BLINK_SHUT_S, Idle, blink_curve

MOMENTS_S = np.arange(0.0, 120.0, 1 / 120)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1e5))
def test_any_moment_can_be_asked_for_in_any_order(seed: int, t_s: float) -> None:
    fresh, used = Idle(seed), Idle(seed)
    used.at(t_s + 100.0)
    first, second = fresh.at(t_s), used.at(t_s)
    assert (first.blink, first.breathing) == (second.blink, second.breathing)
    np.testing.assert_array_equal(first.sway, second.sway)
    np.testing.assert_array_equal(first.gaze, second.gaze)


def test_two_seeds_do_not_move_alike() -> None:
    assert not np.allclose(Idle(1).at(5.0).sway, Idle(2).at(5.0).sway)


@pytest.mark.parametrize("seed", range(4))
def test_lids_close_wholly_reopen_quickly_and_not_too_often(seed: int) -> None:
    idle = Idle(seed)
    blinks = np.array([idle.at(t_s).blink for t_s in MOMENTS_S])
    shut = blinks > 0.5
    starts_s = MOMENTS_S[1:][shut[1:] & ~shut[:-1]]
    ends_s = MOMENTS_S[1:][~shut[1:] & shut[:-1]]
    assert 20 <= len(starts_s) <= 45
    assert (ends_s - starts_s[: len(ends_s)]).max() < 0.25
    assert np.diff(starts_s).min() > 0.25
    assert blinks.max() > 0.99


def test_lids_close_faster_than_they_open() -> None:
    assert BLINK_CLOSE_S < BLINK_OPEN_S
    assert blink_curve(0.0) == 0.0
    assert blink_curve(BLINK_CLOSE_S + BLINK_SHUT_S / 2) == 1.0
    assert blink_curve(BLINK_CLOSE_S + BLINK_SHUT_S + BLINK_OPEN_S) == 0.0


def test_it_mostly_looks_at_the_viewer() -> None:
    idle = Idle(3)
    away = [bool(np.abs(idle.at(t_s).gaze).max() > 0.05) for t_s in np.arange(0.0, 300.0, 0.5)]
    assert 0.1 < np.mean(away) < 0.5


def test_movement_is_small_and_smooth_and_grows_with_speech() -> None:
    idle = Idle(5)
    still = np.array([idle.at(t_s).sway for t_s in MOMENTS_S])
    speaking = np.array([idle.at(t_s, speaking=1.0).sway for t_s in MOMENTS_S])
    assert np.abs(still).max() < 0.5
    assert np.abs(np.diff(speaking, axis=0)).max() * 120 / 60 < 0.05
    assert np.diff(speaking, axis=0).std() > 1.5 * np.diff(still, axis=0).std()


def test_breaths_are_regular_but_not_clockwork() -> None:
    idle = Idle(5)
    breathing = np.array([idle.at(t_s).breathing for t_s in MOMENTS_S])
    inhaled = breathing > 0.5
    periods_s = np.diff(MOMENTS_S[1:][inhaled[1:] & ~inhaled[:-1]])
    assert 2.5 < periods_s.min() < periods_s.max() < 5.5
    assert periods_s.std() > 0.05
    assert breathing.min() >= 0.0
    assert breathing.max() <= 1.0
