"""Eyes are where winking changes the picture."""

from __future__ import annotations

import numpy as np
import pytest

from kuchipaku_tha.eyes import Eyes, find_eyes
from kuchipaku_tha.placement import Placement, Point
from tests.tha.drawings import doll
from tests.tha.winking_teacher import WinkingTeacher, distance_to, figure, true_eyes


@pytest.mark.parametrize(("head_px", "x", "top"), [(128, 256, 64), (90, 240, 80), (170, 270, 30)])
def test_eyes_are_found_where_they_are(head_px: float, x: float, top: float) -> None:
    eyes = find_eyes(WinkingTeacher(), figure(512, 512, head_px, x=x, top=top))
    assert eyes is not None
    assert eyes.clarity > 0.8
    assert distance_to(eyes, true_eyes(head_px, x=x, top=top)) < 1


def test_a_figure_without_eyes_has_none() -> None:
    assert find_eyes(WinkingTeacher(), figure(512, 512, 128, x=256, top=64, eyes=False)) is None
    assert find_eyes(WinkingTeacher(), doll()) is None


def test_one_eye_alone_is_no_pair() -> None:
    box = figure(512, 512, 128, x=256, top=64)
    box[:, 256:] = 0
    assert find_eyes(WinkingTeacher(), box) is None


def test_tilt_distance_and_middle() -> None:
    eyes = Eyes(Point(30, 20), Point(10, 0), 1.0)
    assert eyes.tilt_deg == pytest.approx(45)
    assert eyes.distance_px == pytest.approx(np.hypot(20, 20))
    assert eyes.middle == Point(20, 10)
    assert eyes.to_picture(Placement(2.0, 10, 0)) == Eyes(Point(10, 10), Point(0, 0), 1.0)
