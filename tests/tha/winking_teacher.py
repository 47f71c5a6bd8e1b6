"""A teacher that takes blue discs for eyes and closes them when asked to; and figures that have such eyes."""

from __future__ import annotations

import cv2
import numpy as np

from kuchipaku_tha.colour import LinearImage, linear_image_to_srgb, srgb_to_linear_image
from kuchipaku_tha.eyes import Eyes
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.placement import Point
from kuchipaku_tha.pose import INDEX, Pose
from kuchipaku_tha.teacher import FACE_REGION, FaceResult

SKIN = (240, 200, 180, 255)
EYE = (20, 20, 250, 255)
MOUTH = (120, 20, 20, 255)
HAIR = (90, 60, 40, 255)


class WinkingTeacher:
    """Paints blue skin-coloured when winking, and dark red white when the mouth opens. Counts how often it drew."""

    def __init__(self) -> None:
        self.drawn = 0
        self._picture: LinearImage | None = None

    def set_picture(self, image: LinearImage) -> None:
        self._picture = image

    def face(self, pose: Pose) -> FaceResult:
        self.drawn += 1
        assert self._picture is not None
        crop = linear_image_to_srgb(self._picture[:, *FACE_REGION])
        opaque = crop[..., 3] > 200
        if pose[INDEX["eye_wink_left"]] > 0:
            crop[opaque & (crop[..., 2] > 200) & (crop[..., 0] < 100)] = SKIN
        if pose[INDEX["mouth_aaa"]] > 0:
            crop[opaque & (crop[..., 0] > 100) & (crop[..., 1] < 60) & (crop[..., 2] < 60)] = 255
        return FaceResult(srgb_to_linear_image(crop))


def figure(width: int, height: int, head_px: float, *, x: float, top: float, eyes: bool = True) -> StraightRgba:
    """A figure six heads high; its head is ``head_px`` high and begins in row ``top``, its middle in column ``x``."""
    picture = np.zeros((height, width, 4), np.uint8)
    body = round(top + head_px), round(min(height, top + 6 * head_px))
    half = round(0.45 * head_px)
    picture[body[0] : body[1], round(x) - half : round(x) + half] = (40, 120, 60, 255)
    centre = (round(x), round(top + head_px / 2))
    cv2.ellipse(picture, centre, (round(0.45 * head_px), round(0.5 * head_px)), 0, 0, 360, SKIN, -1)
    cv2.ellipse(picture, centre, (round(0.45 * head_px), round(0.5 * head_px)), 0, 180, 360, HAIR, -1)
    if eyes:
        for eye in true_eyes(head_px, x=x, top=top):
            cv2.circle(picture, (round(eye.x_px - 0.5), round(eye.y_px - 0.5)), round(0.09 * head_px), EYE, -1)
    cv2.line(
        picture,
        (round(x - 0.08 * head_px), round(top + 0.86 * head_px)),
        (round(x + 0.08 * head_px), round(top + 0.86 * head_px)),
        MOUTH,
        max(1, round(0.03 * head_px)),
    )
    return picture


def true_eyes(head_px: float, *, x: float, top: float) -> tuple[Point, Point]:
    """Left and right eye of such a figure: where the teacher expects them in a head of that size."""
    row, half = top + (139 - 64) / 128 * head_px, 23 / 128 * head_px
    return Point(x + half, row), Point(x - half, row)


def distance_to(eyes: Eyes, truth: tuple[Point, Point]) -> float:
    """The greater distance of the two, in px."""
    pairs = zip((eyes.left, eyes.right), truth, strict=True)
    return max(float(np.hypot(one.x_px - other.x_px, one.y_px - other.y_px)) for one, other in pairs)
