"""How late are the edges of hibari's durations? Compares its visemes with an independent aligner's phones.

    pip install pocketsphinx && python benchmarks/viseme_edges.py [--json]

pocketsphinx aligns the same sentences on hibari's sound. For every shift of the raw edges the table gives the part of
all spoken 10 ms frames in which both name the same viseme; the best shift is ``kuchipaku.speech.hibari.EDGES_LATE_S``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pocketsphinx import Decoder
from scipy import signal

from kuchipaku.speech.hibari import EDGES_LATE_S, HibariSynthesizer
from kuchipaku.types import SAMPLE_RATE_HZ, Samples, Viseme, VisemeCue

ALIGNER_RATE_HZ = 16_000
FRAME_S = 0.01
SHIFTS_MS = range(-200, 51, 10)

SENTENCES = (
    "the birch canoe slid on the smooth planks",
    "glue the sheet to the dark blue background",
    "it is easy to tell the depth of a well",
    "these days a chicken leg is a rare dish",
    "rice is often served in round bowls",
    "the juice of lemons makes fine punch",
    "the box was thrown beside the parked truck",
    "four hours of steady work faced us",
    "a large size in stockings is hard to sell",
    "the boy was there when the sun rose",
    "a rod is used to catch pink salmon",
    "the source of the huge river is the clear spring",
    "kick the ball straight and follow through",
    "help the woman get back to her feet",
    "a pot of tea helps to pass the evening",
    "smoky fires lack flame and heat",
    "the soft cushion broke the man's fall",
    "the salt breeze came across from the sea",
    "the girl at the booth sold fifty bonds",
    "the small pup gnawed a hole in the sock",
)
"""Harvard sentences, list 1 and 2 (IEEE Recommended Practice for Speech Quality Measurements, 1969)."""

_GROUPS: dict[str, str] = {
    "PP": "P B M",
    "FF": "F V",
    "TH": "TH DH",
    "DD": "T D",
    "kk": "K G HH",
    "CH": "CH JH SH ZH",
    "SS": "S Z",
    "nn": "N L NG",
    "RR": "R ER",
    "aa": "AA AE AH AY AW",
    "E": "EH AH EY ER",
    "I": "IH IY Y AY EY OY",
    "O": "AO OW OY",
    "U": "UH UW W AW OW",
}
ACCEPTED = {
    phone: frozenset(Viseme(viseme) for viseme, phones in _GROUPS.items() if phone in phones.split())
    for phone in " ".join(_GROUPS.values()).split()
}
"""Visemes that are right for a phone of CMU's set: both of a diphthong, and either for the reduced vowels."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone that the aligner found; times in seconds of the sound."""

    name: str
    start_s: float
    end_s: float


def align(text: str, samples: Samples) -> list[Phone]:
    """The phones of a text on its sound (48 kHz mono)."""
    low = signal.resample_poly(samples, ALIGNER_RATE_HZ, SAMPLE_RATE_HZ)
    padded = np.pad(low, ALIGNER_RATE_HZ // 4)
    pcm = (np.clip(padded, -1.0, 1.0) * 32767).astype("<i2").tobytes()
    decoder = Decoder(loglevel="FATAL", samprate=ALIGNER_RATE_HZ, dither=False)
    decoder.set_align_text(text)
    _decode(decoder, pcm)
    decoder.set_alignment()
    _decode(decoder, pcm)
    return [
        Phone(phone.name, phone.start * FRAME_S - 0.25, (phone.start + phone.duration) * FRAME_S - 0.25)
        for word in decoder.get_alignment()
        for phone in word
    ]


def agreement(phones: Sequence[Phone], cues: Sequence[VisemeCue], shift_s: float) -> list[bool]:
    """For every 10 ms frame of every phone, whether the shifted cues show a viseme that is right for it."""
    return [
        _viseme_at(cues, moment_s - shift_s) in ACCEPTED[phone.name]
        for phone in phones
        if phone.name in ACCEPTED
        for moment_s in np.arange(phone.start_s + FRAME_S / 2, phone.end_s, FRAME_S)
    ]


def measure() -> dict[int, float]:
    """Shift of the raw edges in milliseconds to the part of frames that agree."""
    synthesizer = HibariSynthesizer()
    voice = synthesizer.voice(None)
    right: dict[int, list[bool]] = {shift: [] for shift in SHIFTS_MS}
    for text in SENTENCES:
        spoken = synthesizer.synthesize(text, voice)
        phones = align(text, spoken.samples)
        for shift_ms in SHIFTS_MS:
            right[shift_ms] += agreement(phones, spoken.visemes, shift_ms / 1000 + EDGES_LATE_S)
    return {shift: float(np.mean(frames)) for shift, frames in right.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    as_json = parser.parse_args().json
    table = measure()
    best_ms = max(table, key=lambda shift: table[shift])
    for shift_ms, part in table.items():
        print(f"{shift_ms:+5d} ms  {part:.3f}{'  best' if shift_ms == best_ms else ''}")
    if as_json:
        print(json.dumps({"best_shift_ms": best_ms, "agreement_by_shift_ms": table}))


def _decode(decoder: Decoder, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _viseme_at(cues: Sequence[VisemeCue], moment_s: float) -> Viseme | None:
    return next((cue.viseme for cue in cues if cue.start_s <= moment_s < cue.end_s), None)


if __name__ == "__main__":
    main()
