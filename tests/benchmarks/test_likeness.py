from __future__ import annotations

import numpy as np
import pytest

from benchmarks.likeness import EQUAL_DB, ghosts, psnr_db, ssim

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 200, (64, 64, 4)).astype(np.uint8)


def test_equal_pictures_are_as_alike_as_can_be() -> None:
    assert psnr_db(PICTURE, PICTURE) == EQUAL_DB
    assert ssim(PICTURE, PICTURE) == pytest.approx(1)


def test_ten_levels_everywhere_are_28_db() -> None:
    brighter = (PICTURE + 10).astype(np.uint8)
    assert psnr_db(brighter, PICTURE) == pytest.approx(20 * np.log10(25.5))
    assert 0.9 < ssim(brighter, PICTURE) < 1


def test_noise_is_unlike() -> None:
    other = RNG.integers(0, 200, (64, 64, 4)).astype(np.uint8)
    assert ssim(other, PICTURE) < 0.2


def test_ghosts_are_alpha_far_outside_the_outline() -> None:
    truth = np.zeros((64, 64, 4), np.uint8)
    truth[:, :20, 3] = 255
    near, far = truth.copy(), truth.copy()
    near[:, 20:24, 3] = 255
    far[:, 60:, 3] = 255
    assert ghosts(near, truth) == 0
    assert ghosts(far, truth) == pytest.approx(255 * 4 / 40)
    assert ghosts(far, np.full((64, 64, 4), 255, np.uint8)) == 0
