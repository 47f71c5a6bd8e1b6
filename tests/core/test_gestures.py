from __future__ import annotations

import numpy as np
import pytest

from kuchipaku.gestures import GESTURES, UnknownGestureError, check_gesture, gesture_offset
from kuchipaku.types import GestureCue


@pytest.mark.parametrize("gesture", GESTURES)
def test_a_gesture_moves_the_head_smoothly_and_ends_where_it_began(gesture: str) -> None:
    cue = GestureCue(1.0, gesture, 0.9)
    offsets = np.array([gesture_offset(t_s, [cue]) for t_s in np.arange(0.8, 2.2, 1 / 60)])
    assert np.abs(offsets).max() > 0.3
    assert np.abs(np.diff(offsets, axis=0)).max() < 0.15
    assert not offsets[0].any()
    assert not offsets[-1].any()


def test_an_unknown_gesture_is_refused() -> None:
    with pytest.raises(UnknownGestureError, match="nod"):
        check_gesture("moonwalk")
