from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from kuchipaku.speech import default_synthesizer
from kuchipaku.speech.errors import SynthesisError, UnknownVoiceError
from kuchipaku.speech.hibari import HibariSynthesizer
from kuchipaku.speech.loudness import PEAK_LIMIT, TARGET_LUFS, integrated_lufs, true_peak
from kuchipaku.speech.protocol import SpokenSentence, Synthesizer
from kuchipaku.types import SAMPLE_RATE_HZ, Viseme

SENTENCES = (
    "Hello!",
    "My mama bought five bumpy purple maps before breakfast.",
    "At 9:30 on May 5th, Dr. Smith, who is 42, paid $3.50 for two and a half pies; nobody minded.",
)


@pytest.fixture(scope="module")
def synthesizer() -> Synthesizer:
    return default_synthesizer()


@pytest.fixture(scope="module", params=SENTENCES)
def spoken(synthesizer: Synthesizer, request: pytest.FixtureRequest) -> SpokenSentence:
    return synthesizer.synthesize(request.param, synthesizer.voice(None))


def test_cues_cover_the_sound_without_gaps(spoken: SpokenSentence) -> None:
    duration_s = len(spoken.samples) / SAMPLE_RATE_HZ
    assert abs(spoken.visemes[0].start_s) < 0.12
    assert abs(spoken.visemes[-1].end_s - duration_s) < 0.15
    for earlier, later in itertools.pairwise(spoken.visemes):
        assert later.start_s == pytest.approx(earlier.end_s)
        assert earlier.end_s > earlier.start_s


def test_it_sounds_at_the_target_level(spoken: SpokenSentence) -> None:
    assert integrated_lufs(spoken.samples) == pytest.approx(TARGET_LUFS, abs=1.5)
    assert true_peak(spoken.samples) <= PEAK_LIMIT * 1.001


def test_it_is_not_silent_at_its_ends(spoken: SpokenSentence) -> None:
    edge = round(0.1 * SAMPLE_RATE_HZ)
    for end in (spoken.samples[:edge], spoken.samples[-edge:]):
        assert np.abs(end).max() > 0.002


def test_it_is_quieter_while_lips_are_shut_than_while_vowels_sound(synthesizer: Synthesizer) -> None:
    spoken = synthesizer.synthesize("Papa apple pepper, paper happy puppy.", synthesizer.voice(None))

    def power(viseme: Viseme) -> float:
        pieces = [
            spoken.samples[round(cue.start_s * SAMPLE_RATE_HZ) : round(cue.end_s * SAMPLE_RATE_HZ)]
            for cue in spoken.visemes
            if cue.viseme is viseme and cue.start_s > 0
        ]
        return float(np.mean(np.square(np.concatenate(pieces))))

    assert power(Viseme.PP) < 0.3 * power(Viseme.AA)


def test_the_same_text_always_sounds_the_same(synthesizer: Synthesizer) -> None:
    first, second = (synthesizer.synthesize("Again.", synthesizer.voice("heart")) for _ in range(2))
    np.testing.assert_array_equal(first.samples, second.samples)
    assert first.visemes == second.visemes


def test_unknown_voices_are_refused_with_a_list(synthesizer: Synthesizer) -> None:
    with pytest.raises(UnknownVoiceError, match="heart"):
        synthesizer.voice("nobody")


def test_a_voice_that_is_not_downloaded_is_refused_with_the_command(
    synthesizer: Synthesizer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path_factory.mktemp("hibari")))
    with pytest.raises(UnknownVoiceError, match="--voice emma"):
        synthesizer.voice("emma")


def test_a_damaged_voice_is_told_with_the_command_that_mends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    damaged = tmp_path / "hibari.onnx"
    damaged.write_bytes(b"not a network")
    monkeypatch.setattr("kuchipaku.speech.hibari.voice_path", lambda *_, **__: str(damaged))
    synthesizer = HibariSynthesizer()
    with pytest.raises(SynthesisError, match="pip install"):
        synthesizer.load(synthesizer.voice(None))


@pytest.mark.parametrize("text", ["'", "2", "$", "x" * 220, "Ünïcödé naïve Łódź"])
def test_odd_sentences_do_no_harm(synthesizer: Synthesizer, text: str) -> None:
    spoken = synthesizer.synthesize(text, synthesizer.voice(None))
    assert np.isfinite(spoken.samples).all()
