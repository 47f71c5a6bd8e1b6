from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kuchipaku.mouth import LOOKAHEAD_S, LOOKBACK_S, RELEASE_S, SpeechMouth, speech_mouth
from kuchipaku.timeline import Timeline
from kuchipaku.types import Viseme, VisemeCue
from kuchipaku.visemes import MORPHS, SHAPES

segments = st.lists(st.tuples(st.sampled_from(Viseme), st.floats(0.025, 0.3)), min_size=1, max_size=25)


def in_a_row(parts: Sequence[tuple[Viseme, float]]) -> list[VisemeCue]:
    edges_s = np.cumsum([0.0, *(duration_s for _, duration_s in parts)])
    return [
        VisemeCue(float(start_s), float(end_s), viseme)
        for (viseme, _), start_s, end_s in zip(parts, edges_s[:-1], edges_s[1:], strict=True)
    ]


def mouth_at(t_s: float, timeline: Timeline) -> SpeechMouth:
    return speech_mouth(t_s, timeline.visemes.starting_between(t_s - LOOKBACK_S, t_s + LOOKAHEAD_S))


def opening(cues: Sequence[VisemeCue], moments_s: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    timeline = Timeline()
    timeline.add_visemes(cues)
    return np.array([mouth_at(t_s, timeline).morphs.sum() for t_s in moments_s])


def test_every_shape_can_be_drawn_by_the_networks() -> None:
    for viseme in Viseme:
        assert SHAPES[viseme].morphs.min() >= 0.0
        assert SHAPES[viseme].morphs.sum() <= 1.0


@given(segments)
def test_lips_meet_in_every_pp_for_longer_than_a_frame(parts: list[tuple[Viseme, float]]) -> None:
    cues = in_a_row(parts)
    for cue in (cue for cue in cues if cue.viseme is Viseme.PP):
        middle_s = (cue.start_s + cue.end_s) / 2
        assert opening(cues, np.linspace(middle_s - 0.02, middle_s + 0.02, 9)).max() == 0.0


@given(segments, st.floats(-0.5, 3.0))
def test_the_mouth_stays_within_what_the_networks_know(parts: list[tuple[Viseme, float]], t_s: float) -> None:
    timeline = Timeline()
    timeline.add_visemes(in_a_row(parts))
    mouth = mouth_at(t_s, timeline)
    assert mouth.morphs.min() >= 0.0
    assert mouth.morphs.sum() <= 1.0
    assert 0.0 <= mouth.activity <= 1.0
    assert 0.0 <= mouth.emphasis <= 1.0


@given(segments)
def test_the_mouth_never_jumps(parts: list[tuple[Viseme, float]]) -> None:
    cues = in_a_row(parts)
    openings = opening(cues, np.arange(-0.3, cues[-1].end_s + 0.4, 1 / 240))
    assert np.abs(np.diff(openings)).max() < 0.16


def test_lips_part_between_closures_even_in_fast_speech() -> None:
    cues = in_a_row([(Viseme.PP, 0.06), (Viseme.AA, 0.09), (Viseme.PP, 0.06), (Viseme.AA, 0.09)])
    assert opening(cues, [0.105])[0] > 0.3
    assert opening(cues, [-0.06])[0] == 0.0, "a vowel must not open the lips before the closure that precedes it"


def test_vowels_are_anticipated_and_fade() -> None:
    cues = in_a_row([(Viseme.AA, 0.2)])
    before, middle, after = opening(cues, [-0.06, 0.1, 0.3])
    assert 0.1 < before < middle
    assert after < 0.2 * middle
    assert opening(cues, [-0.3, 0.6]).max() < 0.01


def test_the_teeth_nearly_meet_the_lip_in_ff() -> None:
    cues = in_a_row([(Viseme.AA, 0.15), (Viseme.FF, 0.06), (Viseme.AA, 0.15)])
    assert opening(cues, [0.18])[0] < 0.25 * opening(cues, [0.07])[0]


def test_each_vowel_shows_its_own_morph_most() -> None:
    expected = {
        Viseme.AA: "aaa",
        Viseme.E: "eee",
        Viseme.I: "iii",
        Viseme.O: "ooo",
        Viseme.U: "uuu",
    }
    for viseme, morph in expected.items():
        timeline = Timeline()
        timeline.add_visemes(in_a_row([(Viseme.DD, 0.08), (viseme, 0.15), (Viseme.DD, 0.08)]))
        assert MORPHS[int(mouth_at(0.155, timeline).morphs.argmax())] == morph


def test_an_interrupted_mouth_closes_without_a_jump() -> None:
    timeline = Timeline()
    timeline.add_visemes(in_a_row([(Viseme.AA, 0.2), (Viseme.O, 0.2), (Viseme.E, 0.2)]))
    moment_s = 0.17
    before = mouth_at(moment_s, timeline).morphs
    timeline.cut_speech(moment_s)
    np.testing.assert_allclose(mouth_at(moment_s, timeline).morphs, before, atol=0.02)
    assert mouth_at(moment_s + RELEASE_S, timeline).morphs.max() == 0.0
