"""What each of Oculus' fifteen visemes looks like on a THA3 face.

Shapes were tuned by eye on rendered faces. THA3's mouth morphs: ``aaa`` wide open, ``iii`` wide and shallow,
``uuu`` small and round, ``eee`` half open, ``ooo`` round, ``delta`` an open triangle that smiles. Their weights
never sum to more than 1, because the networks were trained on one morph at a time.
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
    Viseme.FF: _shape(0.7, closure=0.75, iii=0.25, eee=0.1),
    Viseme.TH: _shape(0.5, eee=0.35, iii=0.1),
    Viseme.DD: _shape(0.4, eee=0.3, iii=0.15),
    Viseme.KK: _shape(0.3, eee=0.3, aaa=0.1),
    Viseme.CH: _shape(0.7, uuu=0.4, eee=0.2),
    Viseme.SS: _shape(0.6, iii=0.45),
    Viseme.NN: _shape(0.4, eee=0.3, iii=0.1),
    Viseme.RR: _shape(0.5, uuu=0.35, eee=0.2),
    Viseme.AA: _shape(1.0, aaa=0.9),
    Viseme.E: _shape(0.9, eee=0.75, aaa=0.1),
    Viseme.I: _shape(0.9, iii=0.75),
    Viseme.O: _shape(1.0, ooo=0.85),
    Viseme.U: _shape(1.0, uuu=0.85),
}
