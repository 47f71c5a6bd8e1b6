"""Advice drawn on its picture."""

from __future__ import annotations

import numpy as np
import pytest

from kuchipaku_tha.advice import Advice
from kuchipaku_tha.marks import draw_advice
from kuchipaku_tha.placement import Box, place_head
from tests.tha.winking_teacher import figure

WARNING = Advice("odd", "warning", "Something is odd – here.", "Mend it.", Box(20, 300, 60, 40))


def test_areas_are_outlined_and_explained_below() -> None:
    picture = figure(600, 800, 150, x=300, top=40)
    plain = draw_advice(picture, place_head(Box(225, 40, 150, 150)), [])
    marked = draw_advice(picture, place_head(Box(225, 40, 150, 150)), [WARNING])
    assert plain.shape[1] == marked.shape[1] == 600
    assert (marked[..., 3] == 255).all()
    changed = (marked[:800] != plain[:800]).any(axis=-1)
    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max()) == pytest.approx((300, 340), abs=4)
    assert (columns.min(), columns.max()) == pytest.approx((0, 80), abs=4)
    assert min(len(marked), len(plain)) > 800
    assert (marked[800:] != 255).sum() > (plain[800:] != 255).sum()


@pytest.mark.parametrize(("width", "height"), [(128, 128), (130, 2000), (2048, 300)])
def test_the_legend_is_legible_at_any_size(width: int, height: int) -> None:
    drawn = draw_advice(np.zeros((height, width, 4), np.uint8), place_head(Box(10, 10, 50, 50)), [WARNING])
    assert max(drawn.shape[:2]) < 2200
    assert (drawn[-60:, :, :3] < 100).any()


def test_advice_without_an_area_and_areas_outside_are_drawn_too() -> None:
    beyond = Advice("far", "error", "Far away.", "Come back.", Box(5000, -900, 10, 10))
    whole = Advice("all", "hint", "All of it.", "Redraw it.")
    assert draw_advice(figure(300, 300, 80, x=150, top=10), place_head(Box(110, 10, 80, 80)), [beyond, whole]).any()
