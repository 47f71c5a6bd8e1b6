from __future__ import annotations

import logging

import numpy as np
import pytest

from kuchipaku.animator import Animator
from kuchipaku.clock import ManualClock
from kuchipaku.renderer import Renderer
from kuchipaku.timeline import Timeline
from kuchipaku.types import Frame
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import Pose, neutral_pose


class SlowMorpher:
    """Takes ``cost_s`` of the manual clock for every picture, and fails while ``broken``."""

    width_px = height_px = 8

    def __init__(self, clock: ManualClock, cost_s: float = 0.0) -> None:
        self.clock = clock
        self.cost_s = cost_s
        self.broken = False
        self.rendered = 0

    def render(self, pose: Pose) -> PremultipliedRgba:
        self.clock.advance_s(self.cost_s)
        if self.broken:
            raise RuntimeError("a broken character")
        self.rendered += 1
        return np.zeros((8, 8, 4), np.uint8)


class Stage:
    def __init__(self, cost_s: float = 0.0, start_s: float = 0.0) -> None:
        self.clock = ManualClock(start_s)
        self.morpher = SlowMorpher(self.clock, cost_s)
        self.animator = Animator(Timeline(), 1)
        self.frames: list[Frame] = []
        self.renderer = Renderer(self.animator, self.morpher, self.clock, 30.0, self.frames.append)


def test_a_quick_machine_draws_every_frame_at_its_moment() -> None:
    stage = Stage(cost_s=0.005)
    for _ in range(30):
        stage.renderer.step()
    assert [frame.sequence for frame in stage.frames] == list(range(30))
    np.testing.assert_allclose([frame.time_s for frame in stage.frames], np.arange(30) / 30)
    assert stage.renderer.stats().dropped == 0
    assert stage.renderer.stats().fps == pytest.approx(30.0)


def test_a_slow_machine_drops_frames_and_motion_stays_in_real_time() -> None:
    stage = Stage(cost_s=0.1)
    for _ in range(20):
        stage.renderer.step()
        assert stage.clock.now_s() - stage.frames[-1].time_s < 0.1 + 2 / 30
    stats = stage.renderer.stats()
    assert stats.drawn == 20
    assert stats.drawn + stats.dropped == stage.frames[-1].sequence + 1
    assert stats.dropped > 30
    assert stats.fps == pytest.approx(10.0, rel=0.1)


def test_a_picture_that_does_not_change_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    monkeypatch.setattr(stage.animator, "pose_at", lambda _t_s: neutral_pose())
    for _ in range(5):
        stage.renderer.step()
    assert stage.morpher.rendered == 1
    assert stage.renderer.stats().reused == 4
    assert len({id(frame.rgba) for frame in stage.frames}) == 1
    assert not stage.frames[0].rgba.flags.writeable


def test_a_broken_character_is_logged_now_and_then_and_does_not_end_the_loop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    stage.morpher.broken = True
    with caplog.at_level(logging.ERROR):
        for _ in range(60):
            stage.renderer.step()
    assert len(caplog.records) == 1
    stage.morpher.broken = False
    stage.renderer.step()
    assert stage.renderer.stats().failed == 60
    assert len(stage.frames) == 1


def test_start_and_stop_can_be_repeated() -> None:
    stage = Stage(cost_s=0.001)
    stage.renderer.stop()
    stage.renderer.start()
    stage.renderer.start()
    stage.renderer.stop()
    stage.renderer.stop()
    assert stage.renderer.stats().failed == 0
