"""Estimates of speed and of the time left."""

from __future__ import annotations

import pytest

from kuchipaku.clock import ManualClock
from kuchipaku.compiling.pace import Pace
from kuchipaku_tha.progress import Progress, Stage


def at(done: float, total: float = 100.0, samples: int = 0) -> Progress:
    return Progress(Stage.FACES, "drawing", done, total, samples)


def test_nothing_is_told_before_anything_is_known() -> None:
    pace = Pace(ManualClock())
    assert pace.seconds_left is None
    assert pace.samples_per_second is None
    pace.see(at(1))
    assert pace.seconds_left is None


def test_an_even_pace_is_continued() -> None:
    clock = ManualClock()
    pace = Pace(clock)
    for second in range(11):
        pace.see(at(2 * second, samples=3 * second))
        clock.advance_s(1.0)
    assert pace.seconds_left == pytest.approx(40 - 1)
    assert pace.samples_per_second == pytest.approx(3)
    clock.advance_s(1000)
    assert pace.seconds_left == 0
    pace.see(Progress(Stage.FITTING, "fitting", 30, 100, samples=30))
    assert pace.samples_per_second is None


def test_only_the_last_seconds_count() -> None:
    clock = ManualClock()
    pace = Pace(clock)
    for second in range(60):
        pace.see(at(second if second < 30 else 30 + 10 * (second - 30), total=1000))
        clock.advance_s(1.0)
    assert pace.seconds_left == pytest.approx((1000 - 320) / 10 - 1)


def test_another_compile_starts_anew() -> None:
    clock = ManualClock()
    pace = Pace(clock)
    for second in range(5):
        pace.see(at(20 * second))
        clock.advance_s(1.0)
    pace.see(at(0, total=500))
    assert pace.seconds_left is None
    clock.advance_s(5.0)
    pace.see(at(50, total=500))
    assert pace.seconds_left == pytest.approx(45)
    pace.see(at(500, total=500))
    assert pace.seconds_left == 0
