"""Scaling with straight alpha."""

from __future__ import annotations

import numpy as np
import pytest

from kuchipaku_tha.resampling import resample


@pytest.mark.parametrize("size", [(30, 40), (90, 120), (201, 170)])
def test_the_colour_of_a_rim_is_that_of_the_figure(size: tuple[int, int]) -> None:
    picture = np.zeros((120, 90, 4), np.uint8)
    picture[30:90, 20:70] = (200, 100, 50, 255)
    result = resample(picture, (0, 0, 90, 120), size)
    assert result.shape == (size[1], size[0], 4)
    assert np.abs(result[result[..., 3] > 8][:, :3].astype(int) - (200, 100, 50)).max() <= 1
    assert not result[result[..., 3] == 0].any()


def test_a_window_beyond_the_picture_is_transparent_there() -> None:
    result = resample(np.full((20, 20, 4), 255, np.uint8), (-20, -20, 20, 20), (40, 40))
    assert not result[:18].any()
    assert not result[:, :18].any()
    assert (result[22:, 22:] == 255).all()
