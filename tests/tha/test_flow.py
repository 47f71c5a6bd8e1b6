"""The coarse flow and what it does where there is no character."""

from __future__ import annotations

import numpy as np

from kuchipaku_tha.flow import FLOW_SIZE_PX, coarse_flow
from kuchipaku_tha.teacher import TeacherResult


def result(coverage: np.ndarray, shift: np.ndarray) -> TeacherResult:
    image = np.full((4, 512, 512), -1, np.float32)
    image[3] = coverage * 2 - 1
    return TeacherResult(image, shift.astype(np.float32), image, image, np.zeros_like(image))


def test_the_background_continues_the_character() -> None:
    coverage = np.zeros((512, 512), np.float32)
    coverage[128:384, 128:384] = 1
    shift = np.full((2, 512, 512), 0.9)
    shift[0, 128:384, 128:384] = 4 / 256
    shift[1, 128:384, 128:384] = -8 / 256
    flow = coarse_flow(result(coverage, shift))
    assert flow.shape == (FLOW_SIZE_PX, FLOW_SIZE_PX, 2)
    assert np.allclose(flow, (4, -8), atol=1e-3)


def test_an_empty_picture_does_not_move() -> None:
    flow = coarse_flow(result(np.zeros((512, 512), np.float32), np.full((2, 512, 512), 0.5)))
    assert not flow.any()
