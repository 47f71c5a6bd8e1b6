"""Figures are connected opaque areas."""

from __future__ import annotations

import numpy as np
import pytest

from kuchipaku_tha.figures import find_figures
from tests.tha.drawings import doll


def test_the_largest_figure_comes_first_and_specks_do_not_count() -> None:
    picture = np.zeros((600, 1200, 4), np.uint8)
    picture[100:500, 200:400] = 255
    picture[300:500, 800:900] = 255
    picture[50, 50] = 255
    large, small = find_figures(picture)
    assert large.share == pytest.approx(0.8, abs=0.02)
    assert (large.box.left_px, large.box.top_px) == pytest.approx((200, 100), abs=5)
    assert (small.box.right_px, small.box.bottom_px) == pytest.approx((900, 500), abs=5)


def test_the_middle_of_a_figure_between_rows() -> None:
    (figure,) = find_figures(doll())
    assert figure.middle_between(60, 180) == pytest.approx(256, abs=2)
    assert figure.middle_between(0, 30) is None


def test_an_empty_picture_has_no_figure() -> None:
    assert find_figures(np.zeros((200, 200, 4), np.uint8)) == []
