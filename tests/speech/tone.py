"""A synthesizer without a voice: every letter is 100 ms of tone; a is an open mouth, b shuts it."""

from __future__ import annotations

import numpy as np

from kuchipaku.speech.errors import SynthesisError, UnknownVoiceError
from kuchipaku.speech.protocol import SpokenSentence, Voice
from kuchipaku.types import SAMPLE_RATE_HZ, Viseme, VisemeCue

LETTER_S = 0.1
TONE = Voice("tone", "en-US", frozenset({"LATIN"}), "a tone")


class ToneSynthesizer:
    """Fails at sentences that begin with "fail"."""

    def __init__(self) -> None:
        self.spoken: list[str] = []

    def voices(self) -> tuple[Voice, ...]:
        return (TONE,)

    def voice(self, name: str | None) -> Voice:
        if name not in (None, TONE.name):
            raise UnknownVoiceError(f"There is no voice {name!r}. Installed voices: tone.")
        return TONE

    def load(self, voice: Voice) -> None:
        pass

    def synthesize(self, sentence: str, voice: Voice) -> SpokenSentence:
        if sentence.startswith("fail"):
            raise SynthesisError("no tone today")
        self.spoken.append(sentence)
        letters = [letter for letter in sentence if letter.isalpha()]
        cues = tuple(
            VisemeCue(index * LETTER_S, (index + 1) * LETTER_S, Viseme.PP if letter == "b" else Viseme.AA)
            for index, letter in enumerate(letters)
        )
        time_s = np.arange(round(len(letters) * LETTER_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        samples = (0.3 * np.cos(2 * np.pi * 440.0 * time_s)).astype(np.float32)
        return SpokenSentence(sentence, samples, cues, pause_s=0.2)
