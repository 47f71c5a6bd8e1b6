"""English speech by hibari-tts: small, quick, on the CPU, its weights in the wheel.

hibari's network predicts how many 25 ms frames each phoneme takes. That value is inside its graph (the Clip after
the only Round); exposing it as an output gives the times of the visemes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from hibari import Hibari
from hibari import dsp as hibari_dsp
from hibari.voices import DEFAULT, VOICES, voice_path
from numpy.typing import NDArray
from scipy import signal

from kuchipaku.speech.errors import SynthesisError, UnknownVoiceError
from kuchipaku.speech.loudness import level
from kuchipaku.speech.onnx_wire import output_of_following, with_output
from kuchipaku.speech.phonemes import PhonemeSpan, visemes_of
from kuchipaku.speech.protocol import SpokenSentence, Voice
from kuchipaku.types import SAMPLE_RATE_HZ, Samples, Viseme, VisemeCue

DURATION_FRAME_S = 0.025
"""Unit of hibari's durations: two of its 12.5 ms spectral frames."""
EDGES_LATE_S = 0.065
"""How late the edges of hibari's durations are against its sound.

Measured by benchmarks/viseme_edges.py: without it 0.21 of all frames agree with an independent aligner, with it 0.79.
"""

SENTENCE_PAUSE_S = 0.3
CLAUSE_PAUSE_S = 0.12
"""After a piece of a sentence that was too long to be spoken at once."""
SILENCE = 0.004
"""Amplitude below which the ends of a sentence are cut off; hibari's noise floor is a tenth of it."""
MARGIN_S = 0.03
"""Silence left at both ends."""
SEED = 0
"""Of hibari's noise component: the same text always sounds the same."""


class HibariSynthesizer:
    """The voices of hibari-tts that are on this machine; ``heart`` is part of its wheel."""

    def __init__(self) -> None:
        self._engines: dict[str, _Engine] = {}
        self._lock = threading.Lock()

    def voices(self) -> tuple[Voice, ...]:
        """The installed voices, the default one first."""
        names = sorted((name for name in VOICES if _installed_path(name)), key=lambda name: name != DEFAULT)
        return tuple(_voice(name) for name in names)

    def voice(self, name: str | None) -> Voice:
        """The voice of that name, or the default one for None.

        Raises:
            UnknownVoiceError: no such voice is installed; the message lists those that are.
        """
        voices = {voice.name: voice for voice in self.voices()}
        if name is None:
            return voices[DEFAULT]
        if name in voices:
            return voices[name]
        installed = f"Installed voices: {', '.join(voices)}."
        if name in VOICES:
            hint = f'hibari "Hello." --voice {name} -o hello.wav'
            raise UnknownVoiceError(
                f"The voice {name!r} is not downloaded; this command downloads it: {hint}. {installed}"
            )
        raise UnknownVoiceError(f"There is no voice {name!r}. {installed}")

    def load(self, voice: Voice) -> None:
        """Make a voice ready; takes half a second once.

        Raises:
            SynthesisError: the voice's files are damaged.
        """
        self._engine(voice.name)

    def synthesize(self, sentence: str, voice: Voice) -> SpokenSentence:
        """Speak one sentence. Blocks until it is ready, some hundredth of its duration.

        Raises:
            SynthesisError: hibari failed.
        """
        try:
            samples, spans = self._engine(voice.name).speak(sentence)
        except (RuntimeError, ValueError, KeyError, IndexError) as error:
            raise SynthesisError(f"hibari could not speak {sentence[:60]!r}: {error}") from error
        return _finish(sentence, samples, spans)

    def _engine(self, name: str) -> _Engine:
        with self._lock:
            if name not in self._engines:
                self._engines[name] = _open(name)
            return self._engines[name]


class _Engine:
    """One voice's network with its durations exposed."""

    def __init__(self, name: str, path: Path) -> None:
        model = path.read_bytes()
        self._hibari: Any = Hibari(voice=name, model=with_output(model, output_of_following(model, "Round", "Clip")))
        self._names = {index: phoneme for phoneme, index in self._hibari.vocab.items()}
        self._lock = threading.Lock()
        self.speak("Hello.")

    def speak(self, sentence: str) -> tuple[NDArray[np.float32], list[PhonemeSpan]]:
        """24 kHz sound and its phonemes, whose times are not yet corrected by ``EDGES_LATE_S``."""
        with self._lock:
            return self._speak(sentence)

    def _speak(self, sentence: str) -> tuple[NDArray[np.float32], list[PhonemeSpan]]:
        sounds: list[NDArray[np.float32]] = []
        spans: list[PhonemeSpan] = []
        rng = np.random.default_rng(SEED)
        for phonemes in self._hibari.phonemize(sentence):
            offset_s = sum(map(len, sounds)) / hibari_dsp.SR
            ids = self._hibari.ids(phonemes)
            if len(ids) < 3:
                continue
            *spectra, durations = self._hibari.sess.run(
                None, {"ids": np.asarray([ids], np.int64), "speed": np.ones(1, np.float32)}
            )
            sounds.append(hibari_dsp.synth(*(spectrum[0] for spectrum in spectra), rng))
            spans += self._spans(ids, durations.reshape(-1), offset_s)
        return np.concatenate([np.zeros(0, np.float32), *sounds]), spans

    def _spans(self, ids: list[int], frames: NDArray[np.float32], offset_s: float) -> Iterator[PhonemeSpan]:
        edges_s = offset_s + DURATION_FRAME_S * np.concatenate([[0.0], np.cumsum(frames, dtype=np.float64)])
        for index, start_s, end_s in zip(ids, edges_s[:-1], edges_s[1:], strict=True):
            if index:
                yield PhonemeSpan(self._names[index], float(start_s), float(end_s))


def _finish(sentence: str, samples: NDArray[np.float32], spans: list[PhonemeSpan]) -> SpokenSentence:
    doubled = signal.resample_poly(samples, SAMPLE_RATE_HZ // hibari_dsp.SR, 1).astype(np.float32)
    trimmed, cut_s = _trim(doubled)
    duration_s = len(trimmed) / SAMPLE_RATE_HZ
    shift_s = EDGES_LATE_S + cut_s
    cues = tuple(
        VisemeCue(cue.start_s - shift_s, min(cue.end_s - shift_s, duration_s), cue.viseme, cue.strength)
        for cue in _without_final_silence(visemes_of(spans))
        if cue.start_s - shift_s < duration_s
    )
    pause_s = SENTENCE_PAUSE_S if sentence.rstrip("\"')”’").endswith((".", "!", "?", "…")) else CLAUSE_PAUSE_S
    return SpokenSentence(sentence, level(trimmed), cues, pause_s)


def _trim(samples: Samples) -> tuple[Samples, float]:
    """The sound without long silence at its ends, and how many seconds were cut at its start."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    if not loud.size:
        return samples[:0], 0.0
    margin = round(MARGIN_S * SAMPLE_RATE_HZ)
    first = max(0, int(loud[0]) - margin)
    return samples[first : int(loud[-1]) + margin], first / SAMPLE_RATE_HZ


def _without_final_silence(cues: list[VisemeCue]) -> list[VisemeCue]:
    while cues and cues[-1].viseme is Viseme.SIL:
        cues.pop()
    return cues


def _open(name: str) -> _Engine:
    try:
        return _Engine(name, Path(voice_path(name, download_missing=False)))
    except Exception as error:  # ONNX Runtime's errors have no base of their own
        raise SynthesisError(
            f"The voice {name!r} cannot be loaded: {error}. `pip install --force-reinstall hibari-tts` mends it."
        ) from error


def _installed_path(name: str) -> Path | None:
    try:
        path = Path(voice_path(name, download_missing=False))
    except FileNotFoundError:
        return None
    return path if path.is_file() else None


def _voice(name: str) -> Voice:
    about = VOICES[name]
    description = f"{about['accent']} English, {about['gender']} (hibari)"
    return Voice(name, about["language"], frozenset({"LATIN"}), description)
