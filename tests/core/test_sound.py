from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuchipaku.sound import CAPACITY_S, FADE_S, SoundTrack
from kuchipaku.types import SAMPLE_RATE_HZ, Samples


def noise(seconds: float, seed: int = 0) -> Samples:
    count = round(seconds * SAMPLE_RATE_HZ)
    return np.random.default_rng(seed).uniform(-0.4, 0.4, count).astype(np.float32)


def test_it_is_silent_where_nothing_is_scheduled() -> None:
    track = SoundTrack()
    assert not track.read(-1.0, 960).any()
    assert track.end_s == 0.0


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=12))
def test_any_way_of_reading_gives_the_same_sound(counts: list[int]) -> None:
    track = SoundTrack()
    sound = noise(0.2)
    track.schedule(0.05, sound)
    whole = track.read(0.0, sum(counts))
    starts = np.cumsum([0, *counts[:-1]])
    parts = [track.read(start / SAMPLE_RATE_HZ, count) for start, count in zip(starts, counts, strict=True)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal(whole[2400:12000], sound[: max(0, len(whole) - 2400)])


def test_overlapping_sounds_are_mixed() -> None:
    track = SoundTrack()
    first, second = noise(0.1, 1), noise(0.1, 2)
    track.schedule(0.0, first)
    end_s = track.schedule(0.05, second)
    np.testing.assert_allclose(track.read(0.05, 2400), first[2400:] + second[:2400])
    assert end_s == track.end_s == pytest.approx(0.15)


def test_cut_keeps_what_was_before_fades_and_silences_the_rest() -> None:
    track = SoundTrack()
    sound = noise(1.0)
    track.schedule(0.0, sound)
    track.schedule(2.0, sound)
    track.cut(0.5)
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    heard = track.read(0.0, 3 * SAMPLE_RATE_HZ)
    np.testing.assert_array_equal(heard[:24000], sound[:24000])
    assert (np.abs(heard[24000 : 24000 + fade]) <= np.abs(sound[24000 : 24000 + fade])).all()
    assert not heard[24000 + fade :].any()
    assert track.end_s == pytest.approx(0.5 + FADE_S)


def test_sound_beyond_the_capacity_drops_the_earliest() -> None:
    track = SoundTrack()
    minute = np.full(60 * SAMPLE_RATE_HZ, 0.5, np.float32)
    for start_s in (0.0, 60.0, 120.0):
        track.schedule(start_s, minute)
    assert not track.read(30.0, 100).any()
    assert track.read(90.0, 100).all()


def test_a_sound_that_is_too_long_is_refused() -> None:
    too_long = np.zeros(round(CAPACITY_S * SAMPLE_RATE_HZ) + 1, np.float32)
    with pytest.raises(ValueError, match="in parts"):
        SoundTrack().schedule(0.0, too_long)
