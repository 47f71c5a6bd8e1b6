"""The layers of the teacher's face around the eyes, small enough to keep thousands of them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.colour import LinearImage, linear_light_to_srgb, srgb_to_linear_light
from kuchipaku_tha.layers import LOGIT_LIMIT
from kuchipaku_tha.samples import Arrays
from kuchipaku_tha.teacher import BROW_IN_FACE, BROW_REGION, FACE_REGION, FaceLayers

_LOGIT_STEPS: Final = 127 / LOGIT_LIMIT
_TINY: Final = 1e-6


def record_layers(layers: FaceLayers) -> Arrays:
    """What is kept of a face's layers, all of ``BROW_REGION``: 128×128.

    Returns:
        ``brow_shift`` and ``iris_shift``, displacements in px, float16 (128, 128, 2), x then y; ``iris_mask`` and
        ``lid_mask``, logits in steps of ``LOGIT_LIMIT`` / 127, int8 (128, 128, 1); ``iris_colour`` and ``lid_colour``,
        sRGB, uint8 (128, 128, 3).
    """
    return {
        "brow_shift": _shift(layers.brows.grid_change, BROW_REGION),
        "iris_shift": _shift(layers.iris_mouth_grid_change, FACE_REGION)[BROW_IN_FACE],
        "iris_mask": _logits(layers.iris_mouth_alpha),
        "iris_colour": _levels(layers.iris_mouth_color_change),
        "lid_mask": _logits(layers.eye_alpha),
        "lid_colour": _levels(layers.eye_color_change),
    }


def logits(recorded: NDArray[Any]) -> NDArray[np.float32]:
    """Recorded masks as logits."""
    return np.asarray(recorded * np.float32(1 / _LOGIT_STEPS), np.float32)


_LIGHT_OF_LEVEL: Final = srgb_to_linear_light(np.arange(256) / 255).astype(np.float32)


def light(recorded: NDArray[Any]) -> NDArray[np.float32]:
    """Recorded colours as linear light, [0, 1]."""
    return np.asarray(_LIGHT_OF_LEVEL[recorded], np.float32)


def _shift(grid_change: NDArray[np.float32], region: tuple[slice, slice]) -> NDArray[np.float16]:
    half_px = (region[0].stop - region[0].start) / 2
    return np.ascontiguousarray(grid_change.transpose(1, 2, 0) * np.float32(half_px), np.float16)


def _logits(alpha: NDArray[np.float32]) -> NDArray[np.int8]:
    inside = np.clip(alpha[0, *BROW_IN_FACE], _TINY, 1 - _TINY)
    steps = np.log(inside / (1 - inside)) * np.float32(_LOGIT_STEPS)
    return np.asarray(np.rint(np.clip(steps, -127, 127))[..., None], np.int8)


def _levels(image: LinearImage) -> NDArray[np.uint8]:
    encoded = linear_light_to_srgb((image[:3, *BROW_IN_FACE] + 1) / 2)
    return np.ascontiguousarray(np.rint(encoded * 255).transpose(1, 2, 0), np.uint8)
