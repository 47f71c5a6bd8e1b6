"""hibari's phonemes (the alphabet of misaki and Kokoro) as visemes.

The grouping of consonants is that of Oculus' viseme reference
(https://developer.oculus.com/documentation/unity/audio-ovrlipsync-viseme-reference).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from kuchipaku.types import Viseme, VisemeCue

PRIMARY_STRESS = "ˈ"
SECONDARY_STRESS = "ˌ"
PAUSES = frozenset(';:,.!?—…"()“”')
_MARKS = frozenset((PRIMARY_STRESS, SECONDARY_STRESS, *" ːʰʲᵝ̃↓→↗↘"))

_STRENGTHS = {PRIMARY_STRESS: 1.0, SECONDARY_STRESS: 0.9, "": 0.85}
_WEAK = frozenset("əᵊᵻɐ")
_WEAK_STRENGTH = 0.65

_CONSONANTS: dict[str, Viseme] = {
    **dict.fromkeys("pbm", Viseme.PP),
    **dict.fromkeys("fvʋɸβ", Viseme.FF),
    **dict.fromkeys("θð", Viseme.TH),
    **dict.fromkeys("tdTɾʈɖ", Viseme.DD),
    **dict.fromkeys("kɡqcɟxɣχʔhɰʝ", Viseme.KK),
    **dict.fromkeys("ʧʤʃʒʂɕʥʨꭧ", Viseme.CH),
    **dict.fromkeys("szʦʣçS", Viseme.SS),
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


def visemes_of(spans: Sequence[PhonemeSpan]) -> list[VisemeCue]:
    """The visemes of consecutive phonemes, with the same times."""
    cues: list[VisemeCue] = []
    for span, stress in _sounding(spans):
        cues += _cues_of(span, stress)
    return cues


def _sounding(spans: Sequence[PhonemeSpan]) -> Iterator[tuple[PhonemeSpan, str]]:
    """The phonemes that are heard, each with the stress it bears.

    Spaces and stress marks have durations but no sound of their own. Halving each between its neighbours agrees best
    with an aligner: 0.78 of all frames, against 0.75 and 0.71 when all goes to the phoneme after or before it.
    """
    stress = ""
    for index, span in enumerate(spans):
        if span.phoneme in _MARKS:
            stress = span.phoneme if span.phoneme in _STRENGTHS else stress
            continue
        before_s, after_s = _marks_s(reversed(spans[:index])), _marks_s(spans[index + 1 :])
        yield PhonemeSpan(span.phoneme, span.start_s - before_s / 2, span.end_s + after_s / 2), stress
        if span.phoneme in _VOWELS:
            stress = ""


def _marks_s(spans: Iterable[PhonemeSpan]) -> float:
    """How long the marks take that a run of spans begins with."""
    return sum(span.end_s - span.start_s for span in takewhile(lambda span: span.phoneme in _MARKS, spans))


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
