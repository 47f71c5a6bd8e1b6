from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kuchipaku.animator import Animator
from kuchipaku.emotions import EMOTIONS, TEMPLATES
from kuchipaku.gestures import GESTURES
from kuchipaku.timeline import Timeline
from kuchipaku.types import EmotionCue, GestureCue, PoseCue, Viseme, VisemeCue
from kuchipaku.visemes import MORPH_INDICES
from kuchipaku_tha.pose import HIGH, INDEX, LOW, PARAMETERS

_WINK = INDEX["eye_wink_left"]
_HAPPY_WINK = INDEX["eye_happy_wink_left"]
_moments = st.floats(0.0, 6.0)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    timeline = Timeline()
    durations_s = draw(st.lists(st.floats(0.025, 0.5), min_size=1, max_size=12))
    for start_s, end_s in pairwise(np.cumsum([0.5, *durations_s]).tolist()):
        timeline.visemes.add(VisemeCue(start_s, end_s, draw(st.sampled_from(Viseme)), draw(st.floats(0, 1))))
    for start_s in draw(st.lists(_moments, max_size=4)):
        timeline.emotions.add(EmotionCue(start_s, draw(st.sampled_from(EMOTIONS)), draw(st.floats(0, 1))))
    for start_s in draw(st.lists(_moments, max_size=3)):
        timeline.gestures.add(GestureCue(start_s, draw(st.sampled_from(GESTURES))))
    return timeline


@settings(max_examples=60)
@given(timelines(), st.integers(0, 2**32 - 1), _moments)
def test_whatever_happens_the_pose_is_one_that_can_be_drawn(timeline: Timeline, seed: int, t_s: float) -> None:
    pose = Animator(timeline, seed).pose_at(t_s)
    assert pose.shape == (45,)
    assert pose.dtype == np.float32
    assert (pose >= LOW).all()
    assert (pose <= HIGH).all()
    assert pose[_WINK] + pose[_HAPPY_WINK] <= 1.0001, "lids must not close twice"
    assert pose[MORPH_INDICES].sum() <= 1.2


@settings(max_examples=80)
@given(timelines(), st.integers(0, 2**32 - 1), _moments)
def test_nothing_jumps(timeline: Timeline, seed: int, t_s: float) -> None:
    animator = Animator(timeline, seed)
    poses = np.array([animator.pose_at(moment_s) for moment_s in np.arange(t_s, t_s + 0.25, 1 / 480)])
    steps = np.abs(np.diff(poses, axis=0)).max(axis=0)
    worst = int(steps.argmax())
    assert steps[worst] < 0.1, PARAMETERS[worst].name


def test_the_same_seed_gives_the_same_pose() -> None:
    first, second = Animator(Timeline(), 7), Animator(Timeline(), 7)
    np.testing.assert_array_equal(first.pose_at(3.3), second.pose_at(3.3))


def test_eyes_that_smile_shut_do_not_blink() -> None:
    timeline = Timeline()
    timeline.emotions.add(EmotionCue(0.0, "amusement"))
    animator = Animator(timeline, 1)
    poses = np.array([animator.pose_at(t_s) for t_s in np.arange(1.0, 30.0, 1 / 60)])
    assert poses[:, _WINK].max() < 0.001
    np.testing.assert_allclose(poses[:, _HAPPY_WINK], 1.0, atol=0.001)


def test_speech_takes_the_mouth_from_an_emotion_and_gives_it_back() -> None:
    timeline = Timeline()
    timeline.emotions.add(EmotionCue(0.0, "excitement"))
    timeline.visemes.add(VisemeCue(2.0, 2.3, Viseme.PP), VisemeCue(2.3, 2.6, Viseme.U))
    animator = Animator(timeline, 1)
    delta, uuu = INDEX["mouth_delta"], INDEX["mouth_uuu"]
    np.testing.assert_allclose(animator.pose_at(1.0)[delta], TEMPLATES["excitement"][delta])
    assert animator.pose_at(2.15)[MORPH_INDICES].max() < 0.001
    assert animator.pose_at(2.45)[uuu] > 0.5
    np.testing.assert_allclose(animator.pose_at(4.0)[delta], TEMPLATES["excitement"][delta])


def test_values_set_from_outside_win_and_fade() -> None:
    timeline = Timeline()
    index = INDEX["head_y"]
    timeline.poses.add(PoseCue(1.0, 2.0, np.array([index]), np.array([-1.0], np.float32)))
    animator, free = Animator(timeline, 1), Animator(Timeline(), 1)
    assert animator.pose_at(1.5)[index] == -1.0
    assert animator.pose_at(1.0)[index] == free.pose_at(1.0)[index]
    assert animator.pose_at(2.5)[index] == free.pose_at(2.5)[index]
    others = np.arange(45) != index
    np.testing.assert_array_equal(animator.pose_at(1.5)[others], free.pose_at(1.5)[others])


def test_the_head_is_livelier_while_speaking() -> None:
    timeline = Timeline()
    timeline.add_visemes(VisemeCue(t_s, t_s + 0.2, Viseme.E) for t_s in np.arange(0.0, 20.0, 0.2))
    moments_s = np.arange(1.0, 19.0, 1 / 60)
    head = [INDEX[name] for name in ("head_x", "head_y", "neck_z")]

    def travel(animator: Animator) -> float:
        return float(np.abs(np.diff([animator.pose_at(t_s)[head] for t_s in moments_s], axis=0)).sum())

    assert travel(Animator(timeline, 1)) > 1.5 * travel(Animator(Timeline(), 1))


def test_an_empty_timeline_never_ends() -> None:
    assert math.isfinite(float(Animator(Timeline(), 1).pose_at(1e6).sum()))
