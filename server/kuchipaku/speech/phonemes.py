"""hibari's phonemes (the alphabet of misaki and Kokoro) as visemes.

The grouping of consonants is that of Oculus' viseme reference
(https://developer.oculus.com/documentation/unity/audio-ovrlipsync-viseme-reference).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kuchipaku.types import Viseme, VisemeCue

PRIMARY_STRESS = "ˈ"
SECONDARY_STRESS = "ˌ"
PAUSES = frozenset(';:,.!?—…"()“”')
_SILENT_MARKS = frozenset(" ːʰʲ̃↓→↗↘")

_STRENGTHS = {PRIMARY_STRESS: 1.0, SECONDARY_STRESS: 0.9, "": 0.8}
_WEAK = frozenset("əᵊᵻɐ")
_WEAK_STRENGTH = 0.55

_CONSONANTS: dict[str, Viseme] = {
    **dict.fromkeys("pbm", Viseme.PP),
    **dict.fromkeys("fvʋɸβ", Viseme.FF),
    **dict.fromkeys("θð", Viseme.TH),
    **dict.fromkeys("tdTɾʈɖ", Viseme.DD),
    **dict.fromkeys("kɡqcɟxɣχʔhɰ", Viseme.KK),
    **dict.fromkeys("ʧʤʃʒʂɕʥʨ", Viseme.CH),
    **dict.fromkeys("szʦʣç", Viseme.SS),
    **dict.fromkeys("nlŋɲɳɴʎ", Viseme.NN),
    **dict.fromkeys("ɹrɻɽʁ", Viseme.RR),
    "w": Viseme.U,
    "ɥ": Viseme.U,
    "j": Viseme.I,
}
_VOWELS: dict[str, tuple[Viseme, ...]] = {
    **dict.fromkeys("ɑæaʌɐɒ", (Viseme.AA,)),
    **dict.fromkeys("ɛeəᵊɜɚœø", (Viseme.E,)),
    **dict.fromkeys("iɪɨᵻy", (Viseme.I,)),
    **dict.fromkeys("ɔoɤ", (Viseme.O,)),
    **dict.fromkeys("uʊɯ", (Viseme.U,)),
    "A": (Viseme.E, Viseme.I),
    "I": (Viseme.AA, Viseme.I),
    "W": (Viseme.AA, Viseme.U),
    "Y": (Viseme.O, Viseme.I),
    "O": (Viseme.O, Viseme.U),
    "Q": (Viseme.E, Viseme.U),
}
_FIRST_OF_DIPHTHONG = 0.6
"""Part of a diphthong that its first vowel takes."""


@dataclass(frozen=True, slots=True)
class PhonemeSpan:
    """One phoneme token over a stretch of time (seconds from the speech's start)."""

    phoneme: str
    start_s: float
    end_s: float


def visemes_of(spans: Iterable[PhonemeSpan]) -> Iterator[VisemeCue]:
    """The visemes of consecutive phonemes, with the same times.

    Stress marks and spaces have durations of their own but no sound: a stress mark's time belongs to the phoneme
    after it, a space's to the one before it.
    """
    stress, waiting_since_s = "", None
    cues: list[VisemeCue] = []
    for span in spans:
        if span.phoneme in _STRENGTHS and span.phoneme:
            stress = span.phoneme
            waiting_since_s = span.start_s if waiting_since_s is None else waiting_since_s
        elif span.phoneme in _SILENT_MARKS:
            _stretch_last(cues, span.end_s)
        else:
            start_s = span.start_s if waiting_since_s is None else waiting_since_s
            cues += _cues_of(PhonemeSpan(span.phoneme, start_s, span.end_s), stress)
            waiting_since_s = None
            if span.phoneme in _VOWELS:
                stress = ""
    return iter(cues)


def _stretch_last(cues: list[VisemeCue], end_s: float) -> None:
    if cues:
        last = cues[-1]
        cues[-1] = VisemeCue(last.start_s, end_s, last.viseme, last.strength)


def _cues_of(span: PhonemeSpan, stress: str) -> list[VisemeCue]:
    if span.phoneme in PAUSES:
        return [VisemeCue(span.start_s, span.end_s, Viseme.SIL)]
    if span.phoneme in _CONSONANTS:
        return [VisemeCue(span.start_s, span.end_s, _CONSONANTS[span.phoneme])]
    visemes = _VOWELS.get(span.phoneme, ())
    strength = _WEAK_STRENGTH if span.phoneme in _WEAK else _STRENGTHS[stress]
    if len(visemes) == 2:
        middle_s = span.start_s + _FIRST_OF_DIPHTHONG * (span.end_s - span.start_s)
        return [
            VisemeCue(span.start_s, middle_s, visemes[0], strength),
            VisemeCue(middle_s, span.end_s, visemes[1], 0.85 * strength),
        ]
    return [VisemeCue(span.start_s, span.end_s, viseme, strength) for viseme in visemes]
