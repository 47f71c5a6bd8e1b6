"""The morpher protocol: a pose in, a picture out."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.pose import Pose

PremultipliedRgba: TypeAlias = NDArray[np.uint8]
"""uint8 of shape (height, width, 4), RGBA, sRGB-encoded colour multiplied by alpha, [0, 255]."""

StraightRgba: TypeAlias = NDArray[np.uint8]
"""uint8 of shape (height, width, 4), RGBA, sRGB-encoded colour not multiplied by alpha, [0, 255]."""


class Morpher(Protocol):
    """Draws one character in any pose. An instance belongs to one thread at a time."""

    @property
    def width_px(self) -> int:
        """Width of the pictures it returns."""

    @property
    def height_px(self) -> int:
        """Height of the pictures it returns."""

    def render(self, pose: Pose) -> PremultipliedRgba:
        """Draw the character.

        Args:
            pose: float32 of shape (45,), within the parameters' ranges.

        Returns:
            a new array of shape (height_px, width_px, 4); the caller may keep it.
        """
