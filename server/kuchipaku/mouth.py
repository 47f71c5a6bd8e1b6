"""Speech on the mouth: visemes overlap, anticipate and fade (coarticulation).

After M. M. Cohen and D. W. Massaro, "Modeling coarticulation in synthetic visual speech", 1993: every segment has a
dominance that rises before it and decays after it, and the mouth is the average of all targets weighted by their
dominances. Averaging alone would leave the lips apart in a quick "mama", so segments that need the lips together
also impose a closure that nothing can overrule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kuchipaku.easing import fade, smoothstep
from kuchipaku.types import Viseme, VisemeCue
from kuchipaku.visemes import MORPHS, SHAPES

LOOKAHEAD_S = 0.35
"""Cues that start later than this do not show yet."""
LOOKBACK_S = 1.5
"""Cues that started earlier than this do not show any more."""

OVERLAP_S = 0.07
"""Width of the Gaussian by which dominance rises before its plateau and decays after it. Against the mouth at rest a
vowel has half its way 0.12 s before the plateau."""
PLATEAU = 0.5
"""Part of a segment, around its middle, over which its dominance is full."""
REST_DOMINANCE = 0.06
"""Dominance of the closed mouth at rest, which takes over where nothing is said."""

CLOSURE_HOLD_S = 0.042
"""Least time for which lips stay shut: longer than one frame at 25 fps, so that every closure is seen."""
CLOSURE_LONGEST_S = 0.075
CLOSURE_PART = 0.55
"""Part of its segment for which a closure is held, between those limits; the rest goes to meeting and parting."""
CLOSURE_RAMP_S = 0.055
"""Time the lips take to meet and to part."""

RELEASE_S = 0.08
"""Time in which an interrupted mouth closes."""
STRESSED = 0.95
"""Strength from which on a vowel counts as stressed."""
EMPHASIS_S = 0.14
"""Width of the emphasis around a stressed vowel."""


@dataclass(frozen=True, slots=True)
class SpeechMouth:
    """The mouth of speech at one moment.

    Attributes:
        morphs: THA mouth weights in the order of ``visemes.MORPHS``, float32 of shape (6,), sum in [0, 1].
        activity: how much the mouth belongs to speech, 0 to 1; stays up through short pauses.
        emphasis: stress of what is being said, 0 to 1; for head and brows.
    """

    morphs: NDArray[np.float32]
    activity: float
    emphasis: float


SILENT = SpeechMouth(np.zeros(len(MORPHS), np.float32), 0.0, 0.0)


def speech_mouth(t_s: float, cues: Sequence[VisemeCue]) -> SpeechMouth:
    """The mouth at a moment.

    Args:
        t_s: the moment.
        cues: those that start between ``t_s - LOOKBACK_S`` and ``t_s + LOOKAHEAD_S``, in order.
    """
    if not cues:
        return SILENT
    morphs = _blend(t_s, cues) * (1.0 - _closure(t_s, cues))
    return SpeechMouth(morphs.astype(np.float32), _activity(t_s, cues), _emphasis(t_s, cues))


def _blend(t_s: float, cues: Sequence[VisemeCue]) -> NDArray[np.float64]:
    shapes = [SHAPES[cue.viseme] for cue in cues]
    start_s = np.array([cue.start_s for cue in cues])
    end_s = np.array([cue.end_s for cue in cues])
    strength = np.array([cue.strength * _release(t_s, cue) for cue in cues])
    dominance = np.array([shape.dominance for shape in shapes])

    away_s = np.abs(t_s - (start_s + end_s) / 2)
    beyond_s = np.maximum(away_s - PLATEAU / 2 * (end_s - start_s), 0.0)
    dominance *= np.exp(-np.square(beyond_s / OVERLAP_S))
    dominance *= _same_side_of_closures(t_s, cues)
    targets = np.stack([shape.morphs for shape in shapes]) * strength[:, None]
    blended: NDArray[np.float64] = dominance @ targets / (dominance.sum() + REST_DOMINANCE)
    return blended


def _same_side_of_closures(t_s: float, cues: Sequence[VisemeCue]) -> NDArray[np.float64]:
    """1 for cues with no shut lips between them and the moment, else 0: "mama" opens after its first m, not before.

    The step is not seen, because it happens in the middle of the closure.
    """
    first, last = 0, len(cues)
    for index, cue in enumerate(cues):
        if SHAPES[cue.viseme].closure == 1.0:
            if (cue.start_s + cue.end_s) / 2 <= t_s:
                first = index
            else:
                last = min(last, index + 1)
    reach = np.zeros(len(cues))
    reach[first:last] = 1.0
    return reach


def _closure(t_s: float, cues: Sequence[VisemeCue]) -> float:
    opening = 1.0
    for cue in cues:
        closure = SHAPES[cue.viseme].closure
        if closure:
            middle_s = (cue.start_s + cue.end_s) / 2
            hold_s = min(max(CLOSURE_PART * (cue.end_s - cue.start_s), CLOSURE_HOLD_S), CLOSURE_LONGEST_S)
            beyond_s = max(abs(t_s - middle_s) - hold_s / 2, 0.0)
            opening *= 1.0 - closure * (1.0 - smoothstep(beyond_s / CLOSURE_RAMP_S))
    return 1.0 - opening


def _activity(t_s: float, cues: Sequence[VisemeCue]) -> float:
    return max(
        fade(t_s, cue.start_s - 0.15, cue.end_s + 0.15, in_s=0.15, out_s=0.25) * _release(t_s, cue) for cue in cues
    )


def _emphasis(t_s: float, cues: Sequence[VisemeCue]) -> float:
    calm = 1.0
    for cue in cues:
        if cue.strength >= STRESSED and cue.viseme in _VOWELS:
            away_s = t_s - (cue.start_s + cue.end_s) / 2
            calm *= 1.0 - math.exp(-((away_s / EMPHASIS_S) ** 2)) * _release(t_s, cue)
    return 1.0 - calm


def _release(t_s: float, cue: VisemeCue) -> float:
    return 1.0 - smoothstep((t_s - cue.released_s) / RELEASE_S)


_VOWELS = frozenset({Viseme.AA, Viseme.E, Viseme.I, Viseme.O, Viseme.U})
