"""What each of Oculus' fifteen visemes looks like on a THA3 face.

Shapes were tuned by eye on rendered faces. THA3's mouth morphs: ``aaa`` wide open, ``iii`` wide with the teeth
together, ``uuu`` small and round, ``eee`` half open, ``ooo`` round, ``delta`` a small triangle. Below a weight of 0.2
lips hardly part, and on plain drawings ``iii`` and ``uuu`` alone hardly show, so they are mixed with their open
neighbours. Weights never sum to more than 1, because the networks were trained on one morph at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kuchipaku.types import Viseme
from kuchipaku_tha.pose import INDEX

MORPHS = ("aaa", "iii", "uuu", "eee", "ooo", "delta")
MORPH_INDICES = np.array([INDEX[f"mouth_{morph}"] for morph in MORPHS])


@dataclass(frozen=True, slots=True)
class MouthShape:
    """A viseme's target.

    Attributes:
        morphs: weights in the order of ``MORPHS``, float32 of shape (6,), each and their sum in [0, 1].
        dominance: how much it imposes itself on its neighbours, 0 to 1.
        closure: how far the lips must close while it lasts, whatever its neighbours want; 1 shuts them.
    """

    morphs: NDArray[np.float32]
    dominance: float
    closure: float = 0.0


def _shape(dominance: float, closure: float = 0.0, **morphs: float) -> MouthShape:
    weights = np.array([morphs.get(morph, 0.0) for morph in MORPHS], np.float32)
    return MouthShape(weights, dominance, closure)


SHAPES: dict[Viseme, MouthShape] = {
    Viseme.SIL: _shape(0.6),
    Viseme.PP: _shape(0.15, closure=1.0),
    Viseme.FF: _shape(0.7, closure=0.75, eee=0.6, iii=0.2),
    Viseme.TH: _shape(0.5, eee=0.5),
    Viseme.DD: _shape(0.4, eee=0.45, iii=0.1),
    Viseme.KK: _shape(0.3, eee=0.4, aaa=0.15),
    Viseme.CH: _shape(0.7, uuu=0.4, ooo=0.35),
    Viseme.SS: _shape(0.6, iii=0.4, eee=0.25),
    Viseme.NN: _shape(0.4, eee=0.4, iii=0.1),
    Viseme.RR: _shape(0.5, uuu=0.3, ooo=0.3),
    Viseme.AA: _shape(1.0, aaa=1.0),
    Viseme.E: _shape(0.9, eee=0.85, aaa=0.15),
    Viseme.I: _shape(0.9, iii=0.6, eee=0.35),
    Viseme.O: _shape(1.0, ooo=1.0),
    Viseme.U: _shape(1.0, uuu=0.55, ooo=0.4),
}
