from __future__ import annotations

from kuchipaku.timeline import RELEASE_LOOKAHEAD_S, CueTrack, Timeline
from kuchipaku.types import GestureCue, Viseme, VisemeCue


def viseme(start_s: float) -> VisemeCue:
    return VisemeCue(start_s, start_s + 0.1, Viseme.AA)


def test_cues_come_back_in_order_of_time() -> None:
    track: CueTrack[VisemeCue] = CueTrack(capacity=10)
    track.add(viseme(3.0), viseme(1.0))
    track.add(viseme(2.0))
    assert [cue.start_s for cue in track.starting_between(1.0, 2.5)] == [1.0, 2.0]


def test_a_full_track_drops_the_earliest_and_counts_them() -> None:
    track: CueTrack[GestureCue] = CueTrack(capacity=3)
    for start_s in range(5):
        track.add(GestureCue(float(start_s), "nod"))
    assert [cue.start_s for cue in track.starting_between(0.0, 9.0)] == [2.0, 3.0, 4.0]
    assert track.dropped == 2


def test_the_past_can_be_forgotten() -> None:
    timeline = Timeline()
    timeline.add_visemes(viseme(float(start_s)) for start_s in range(5))
    timeline.visemes.forget_before(3.0)
    assert len(timeline.visemes) == 2


def test_an_interruption_releases_present_visemes_and_removes_later_ones() -> None:
    timeline = Timeline()
    timeline.add_visemes([viseme(1.0), viseme(1.1 + RELEASE_LOOKAHEAD_S), viseme(2.0)])
    timeline.cut_speech(1.05)
    assert [cue.released_s for cue in timeline.visemes.starting_between(0.0, 9.0)] == [1.05]


def test_a_second_interruption_does_not_revive_the_first_release() -> None:
    timeline = Timeline()
    timeline.add_visemes([viseme(1.0)])
    timeline.cut_speech(1.05)
    timeline.cut_speech(1.1)
    assert timeline.visemes.starting_between(0.0, 9.0)[0].released_s == 1.05
