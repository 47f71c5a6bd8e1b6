from __future__ import annotations

import json
from pathlib import Path

import hibari
import pytest

from kuchipaku.speech.phonemes import PhonemeSpan, visemes_of
from kuchipaku.types import Viseme, VisemeCue


def spans(phonemes: str, step_s: float = 0.1) -> list[PhonemeSpan]:
    return [PhonemeSpan(phoneme, index * step_s, (index + 1) * step_s) for index, phoneme in enumerate(phonemes)]


def test_every_phoneme_of_hibari_has_a_viseme_or_is_silent() -> None:
    vocabulary = json.loads((Path(hibari.__file__).parent / "assets" / "vocab.json").read_text("utf-8"))
    without = {phoneme for phoneme in vocabulary if not visemes_of(spans(phoneme))}
    assert without == set(" ˈˌːʰʲ̃↓→↗↘ᵝ") & set(vocabulary)


def test_a_word_becomes_its_visemes() -> None:
    cues = visemes_of(spans("pˈɑt"))
    assert [cue.viseme for cue in cues] == [Viseme.PP, Viseme.AA, Viseme.DD]


def test_the_time_of_a_mark_is_shared_by_its_neighbours() -> None:
    lips, vowel = visemes_of(spans("pˈɑ"))
    assert [lips.start_s, lips.end_s, vowel.start_s, vowel.end_s] == pytest.approx([0.0, 0.15, 0.15, 0.3])


def test_a_diphthong_moves_from_one_viseme_to_another() -> None:
    cues = visemes_of(spans("I"))
    assert [cue.viseme for cue in cues] == [Viseme.AA, Viseme.I]
    assert cues[0].end_s == cues[1].start_s


def test_stress_opens_the_mouth_wider_and_schwa_less() -> None:
    def strength(phonemes: str) -> float:
        return visemes_of(spans(phonemes))[0].strength

    assert strength("ˈɑ") > strength("ˌɑ") > strength("ɑ") > strength("ə")


def test_punctuation_closes_the_mouth() -> None:
    assert visemes_of(spans(","))[0] == VisemeCue(0.0, 0.1, Viseme.SIL)
