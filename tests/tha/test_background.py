"""Removing a plain background."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kuchipaku_tha.background import remove_background
from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.morpher import StraightRgba
from tests.tha.drawings import doll

WHITE = (255.0, 255.0, 255.0)


def on(background: tuple[float, ...] | StraightRgba, figure: StraightRgba | None = None) -> StraightRgba:
    """A figure before an opaque background, as float colours or a picture."""
    figure = soft_doll() if figure is None else figure
    share = figure[..., 3:] / 255
    colour = figure[..., :3] * share + np.asarray(background, float)[..., :3] * (1 - share)
    return np.dstack((np.rint(colour), np.full(figure.shape[:2], 255))).astype(np.uint8)


def soft_doll() -> StraightRgba:
    """The doll with an antialiased outline."""
    large = np.repeat(np.repeat(doll().astype(np.float32), 2, axis=0), 2, axis=1)
    weight = large[..., 3:] / 255
    shrunk = cv2.resize(np.dstack((large[..., :3] * weight, large[..., 3])), (341, 341), interpolation=cv2.INTER_AREA)
    straight = shrunk[..., :3] / np.maximum(shrunk[..., 3:] / 255, 1e-3)
    return np.rint(np.clip(np.dstack((straight, shrunk[..., 3])), 0, 255)).astype(np.uint8)


@pytest.mark.parametrize("background", [WHITE, (0.0, 200.0, 0.0), (20.0, 20.0, 30.0)])
def test_the_figure_comes_off_a_plain_background_with_a_soft_pure_edge(background: tuple[float, ...]) -> None:
    cut = remove_background(on(background))
    original = soft_doll()
    difference = np.abs(cut[..., 3].astype(int) - original[..., 3])
    assert difference.mean() < 0.2
    assert np.mean(difference > 60) < 0.0005
    rim = (original[..., 3] > 60) & (original[..., 3] < 255)
    shift = np.abs(cut[rim][:, :3].astype(int) - original[rim][:, :3])
    assert np.median(shift) <= 6


def test_a_gradient_is_plain() -> None:
    rows = np.linspace(60, 200, 341)[:, None, None]
    gradient = np.broadcast_to(rows, (341, 341, 3)).astype(np.uint8)
    cut = remove_background(on(gradient))
    assert np.mean((cut[..., 3] > 127) != (soft_doll()[..., 3] > 127)) < 0.002


def test_the_inside_of_the_figure_is_never_eaten() -> None:
    figure = soft_doll()
    figure[60:90, 150:190, :3] = 255
    cut = remove_background(on(WHITE, figure))
    assert (cut[60:90, 150:190] == 255).all()


def test_pale_clothes_that_reach_the_border_stay() -> None:
    figure = soft_doll()
    figure[200:, :, :3] = (245, 255, 240)
    cut = remove_background(on(WHITE, figure))
    assert (cut[210:, 140:200, 3] == 255).all()
    assert not cut[210:, :80].any()


def test_the_flood_does_not_run_through_a_hair_thin_gap() -> None:
    picture = np.full((300, 300, 4), 255, np.uint8)
    cv2.rectangle(picture, (80, 80), (220, 220), (0, 0, 0, 255), 3)
    picture[70:90, 150:152] = 255
    assert remove_background(picture)[150, 150, 3] == 255


def test_a_background_of_many_colours_is_refused() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (341, 341, 3), np.uint8)
    with pytest.raises(PictureError, match="not plain"):
        remove_background(on(noise))


def test_nothing_but_background_is_refused() -> None:
    with pytest.raises(PictureError, match="Lower the tolerance"):
        remove_background(np.full((200, 200, 4), 255, np.uint8))


@pytest.mark.parametrize("tolerance", [0.0, 1.0, -1.0, float("nan")])
def test_a_useless_tolerance_is_refused(tolerance: float) -> None:
    with pytest.raises(PictureError, match="between 0 and 1"):
        remove_background(on(WHITE), tolerance)
