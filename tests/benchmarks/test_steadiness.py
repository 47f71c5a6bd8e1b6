from __future__ import annotations

import numpy as np
import pytest

from benchmarks.steadiness import TURNS, motion, moved_pixels, paths
from kuchipaku_tha.pose import ROTATION


def test_even_movement_has_no_jitter() -> None:
    frames = np.arange(10, dtype=np.float32)[:, None, None, None] * np.array([3, 4], np.float32)
    moved = motion(frames, np.ones((1, 1), np.bool_))
    assert moved.travel == pytest.approx(5)
    assert moved.jitter == pytest.approx(0)


def test_a_single_slip_is_a_jitter() -> None:
    frames = np.zeros((10, 1, 1, 1), np.float32)
    frames[5] = 1
    moved = motion(frames, np.ones((1, 1), np.bool_), levels=True)
    assert moved.jitter == pytest.approx((1 + 3 + 3 + 1) / 7, abs=1e-3)


def test_pixels_move_where_the_face_changes() -> None:
    faces = np.zeros((3, 32, 32, 4), np.uint8)
    faces[1, 16, 16] = 200
    moved = moved_pixels(faces)
    assert moved[16, 20]
    assert not moved[16, 21]


def test_only_turns_turn() -> None:
    for name, poses in paths().items():
        assert (np.ptp(np.stack(poses)[:, ROTATION], axis=0).max() > 0) == (name in TURNS)
