"""A character that is drawn with three ellipses: quick, plain, and its mouth is easy to measure in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from kuchipaku_tha.character import Character
from kuchipaku_tha.framing import FrameSize
from kuchipaku_tha.morpher import Morpher, PremultipliedRgba
from kuchipaku_tha.pose import INDEX, ROTATION, Pose

SIZE_PX = 512
SKIN_RGB = (250, 205, 180)
MOUTH_RGB = (120, 20, 40)
HAIR_RGB = (40, 60, 150)
MOUTH_BOX = (slice(180, 300), slice(200, 312))
"""Rows and columns within which the mouth moves."""

_OPENINGS = [INDEX[f"mouth_{shape}"] for shape in ("aaa", "iii", "uuu", "eee", "ooo", "delta")]


class StandInMorpher:
    """Draws a face whose mouth is as open as the sum of the mouth shapes, under hair that sways with the pose.

    The face is always in the same place; a taller picture is empty below it.
    """

    def __init__(self, height_px: int, skin_rgb: tuple[int, int, int]) -> None:
        self.width_px = SIZE_PX
        self.height_px = height_px
        self._skin_rgb = skin_rgb

    def render(self, pose: Pose) -> PremultipliedRgba:
        picture = np.zeros((self.height_px, self.width_px, 4), np.uint8)
        sway = round(100 * float(pose[ROTATION].sum()))
        cv2.ellipse(picture, (256 + sway, 70), (90, 20), 0, 0, 360, (*HAIR_RGB, 255), -1)
        cv2.ellipse(picture, (256, 230), (130, 170), 0, 0, 360, (*self._skin_rgb, 255), -1)
        opening = min(1.0, float(pose[_OPENINGS].sum()))
        cv2.ellipse(picture, (256, 240), (40, 2 + round(40 * opening)), 0, 0, 360, (*MOUTH_RGB, 255), -1)
        return picture


@dataclass(frozen=True)
class _StandIn:
    name: str = "stand-in"
    title: str = "Stand-in"
    height_px: int = SIZE_PX
    skin_rgb: tuple[int, int, int] = SKIN_RGB
    folder: Path = Path()

    def morpher(self, size: FrameSize | None = None) -> Morpher:
        return StandInMorpher(self.height_px, self.skin_rgb)


def stand_in_character(height_px: int = SIZE_PX, skin_rgb: tuple[int, int, int] = SKIN_RGB) -> Character:
    return cast(Character, _StandIn(height_px=height_px, skin_rgb=skin_rgb))


def mouth_opening(rgb: np.ndarray) -> float:
    """Share of the mouth's box that shows the inside of the mouth, of an RGB(A) picture."""
    box = rgb[MOUTH_BOX][..., :3].astype(int)
    to_mouth = np.abs(box - MOUTH_RGB).sum(axis=2)
    to_skin = np.abs(box - SKIN_RGB).sum(axis=2)
    return float((to_mouth < to_skin).mean())
