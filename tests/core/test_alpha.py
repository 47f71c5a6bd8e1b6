import numpy as np
import pytest

from kuchipaku.alpha import (
    StackedLayout,
    composite,
    pack_stacked,
    unpack_stacked,
    unpremultiply,
)
from kuchipaku_tha.morpher import PremultipliedRgba

LAYOUT = StackedLayout(512, 512)


def smooth_picture(size_px: int = 512) -> PremultipliedRgba:
    """A disc with a soft edge and slow colour gradients, premultiplied."""
    y, x = np.mgrid[:size_px, :size_px] / (size_px - 1)
    alpha = np.clip((0.45 - np.hypot(x - 0.5, y - 0.5)) * 40, 0, 1)
    colour = np.stack([x, y, 1 - x], axis=2) * 0.9
    return np.asarray(np.rint(np.dstack([colour * alpha[..., None], alpha]) * 255), np.uint8)


def test_unpremultiply_restores_straight_colour() -> None:
    straight = np.array([[[200, 100, 0, 255], [200, 100, 0, 128], [200, 100, 0, 0]]], np.uint8)
    premultiplied = straight.copy()
    premultiplied[..., :3] = np.rint(straight[..., :3] * (straight[..., 3:] / 255))
    restored = unpremultiply(premultiplied)
    assert np.abs(restored[0, :2].astype(int) - straight[0, :2]).max() <= 1
    assert restored[0, 2].tolist() == [0, 0, 0, 0]


def test_composite_shows_the_background_where_transparent() -> None:
    picture = np.array([[[0, 0, 0, 0], [64, 0, 0, 128], [10, 20, 30, 255]]], np.uint8)
    assert composite(picture, (255, 128, 0))[0].tolist() == [[255, 128, 0], [191, 64, 0], [10, 20, 30]]


def test_a_stacked_picture_comes_back() -> None:
    picture = smooth_picture()
    packed = pack_stacked(picture, LAYOUT)
    assert packed.shape == (1040 * 3 // 2, 512)
    difference = np.abs(unpack_stacked(packed, LAYOUT).astype(int) - picture)
    assert difference.mean() < 1.5
    assert difference.max() <= 16  # chroma is halved at the disc's edge


def test_transparent_and_opaque_survive_exactly() -> None:
    picture = smooth_picture()
    restored = unpack_stacked(pack_stacked(picture, LAYOUT), LAYOUT)
    assert (restored[picture[..., 3] == 0] == 0).all()
    assert (restored[..., 3][picture[..., 3] == 255] == 255).all()


def test_guard_rows_repeat_their_neighbours() -> None:
    picture = np.full((512, 512, 4), 255, np.uint8)
    luma = pack_stacked(picture, LAYOUT)[:1040]
    assert (luma[512:520] == luma[511]).all()
    assert (luma[520:528] == luma[528]).all()


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 4"):
        StackedLayout(512, 510)
    with pytest.raises(ValueError, match="Expected a picture"):
        pack_stacked(np.zeros((256, 256, 4), np.uint8), LAYOUT)
