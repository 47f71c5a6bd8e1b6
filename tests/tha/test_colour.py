from __future__ import annotations

import numpy as np
import pytest

from kuchipaku_tha.colour import linear_image_to_srgb, srgb_to_linear_image


def every_byte() -> np.ndarray:
    picture = np.zeros((16, 16, 4), np.uint8)
    picture[..., :3] = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    picture[..., 3] = np.arange(256, dtype=np.uint8).reshape(16, 16)[::-1, ::-1]
    return picture


def test_every_byte_survives_both_ways() -> None:
    picture = every_byte()
    expected = picture.copy()
    expected[picture[..., 3] == 0, :3] = 0
    np.testing.assert_array_equal(linear_image_to_srgb(srgb_to_linear_image(picture)), expected)


def test_colour_is_linear_light_and_alpha_is_straight() -> None:
    image = srgb_to_linear_image(np.array([[[188, 0, 255, 128]]], np.uint8))
    assert image.shape == (4, 1, 1)
    assert image.dtype == np.float32
    assert image[:, 0, 0] == pytest.approx([0.0057, -1.0, 1.0, 128 / 255 * 2 - 1], abs=1e-3)


def test_colour_under_full_transparency_is_dropped() -> None:
    image = srgb_to_linear_image(np.array([[[200, 100, 50, 0]]], np.uint8))
    assert image[:, 0, 0].tolist() == [-1, -1, -1, -1]


def test_values_outside_the_range_are_clipped() -> None:
    image = np.array([-1.5, 1.5, 0.0, 2.0], np.float32).reshape(4, 1, 1)
    assert linear_image_to_srgb(image)[0, 0].tolist() == [0, 255, 188, 255]
