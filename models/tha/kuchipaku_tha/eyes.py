"""Where the teacher sees eyes: asked to wink, it changes the picture there.

Nothing else knows as well which face the teacher understands. It finds eyes to half a pixel in faces of 0.65 to 1.4
times the size it was trained on, and up to 40 px away from where it expects them.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.colour import LinearImage, linear_image_to_srgb, srgb_to_linear_image
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.placement import Placement, Point
from kuchipaku_tha.pose import Pose, pose_from
from kuchipaku_tha.teacher import FACE_REGION, FaceResult

WINK: Final = pose_from({"eye_wink_left": 1.0, "eye_wink_right": 1.0})

_CHANGED: Final = 24
_MIN_EYE_PIXELS: Final = 12
_MOST_SPOTS: Final = 6
_DISTANCES_PX: Final = (12, 110)
_MAX_TILT_DEG: Final = 35.0
_MIN_BALANCE: Final = 0.2
# Side of the changed square over the distance of the eyes, and mean change of full range: what clear eyes reach.
_CLEAR_SIZE: Final = 0.3
_LARGEST_SIZE: Final = 0.9
_CLEAR_CHANGE: Final = 0.4


class FaceTeacher(Protocol):
    """The part of a teacher that draws faces."""

    def set_picture(self, image: LinearImage) -> None:
        """Choose the picture that is posed from now on."""

    def face(self, pose: Pose) -> FaceResult:
        """Morph the face alone."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """A pair of eyes.

    Attributes:
        left: middle of the character's own left eye, the one on the right of the picture.
        right: middle of the other.
        clarity: how clearly the teacher sees them, 0 to 1; two open eyes seen from the front reach 0.8 and more,
            what is no face at all stays below 0.35.
    """

    left: Point
    right: Point
    clarity: float

    @property
    def distance_px(self) -> float:
        """From one to the other."""
        return math.hypot(self.left.x_px - self.right.x_px, self.left.y_px - self.right.y_px)

    @property
    def middle(self) -> Point:
        """Between them."""
        return Point((self.left.x_px + self.right.x_px) / 2, (self.left.y_px + self.right.y_px) / 2)

    @property
    def tilt_deg(self) -> float:
        """Slope of the line through them; positive when the character's left eye is the lower one."""
        return math.degrees(math.atan2(self.left.y_px - self.right.y_px, self.left.x_px - self.right.x_px))

    def to_picture(self, placement: Placement) -> Eyes:
        """From box px to picture px."""
        left, right = placement.point_to_picture(self.left), placement.point_to_picture(self.right)
        return Eyes(left, right, self.clarity)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A connected area that winking changes."""

    middle: Point
    pixels: int
    mass: float


def find_eyes(teacher: FaceTeacher, box: StraightRgba) -> Eyes | None:
    """The eyes that the teacher closes when it is asked to.

    Args:
        teacher: its picture is replaced.
        box: uint8 (512, 512, 4), straight alpha.

    Returns:
        the eyes in box px, or None where nothing pairwise changes. Unclear ones are returned too.
    """
    teacher.set_picture(srgb_to_linear_image(box))
    change = face_change(teacher, box, WINK)
    pairs = (_pair(*spots, float(change.sum())) for spots in itertools.combinations(_spots(change), 2))
    return max((pair for pair in pairs if pair is not None), key=lambda pair: pair.clarity, default=None)


def face_change(teacher: FaceTeacher, box: StraightRgba, pose: Pose) -> NDArray[np.float32]:
    """How much a pose changes the face of the picture that the teacher has.

    Returns:
        float32 (192, 192), FACE_REGION: the greatest difference of a premultiplied sRGB channel, 0 to 255; 0 where it
        is too small to matter.
    """
    posed = premultiply(linear_image_to_srgb(teacher.face(pose).crop)).astype(np.int16)
    change = np.asarray(np.abs(posed - premultiply(box[FACE_REGION])).max(axis=-1), np.float32)
    return np.where(change > _CHANGED, change, np.float32(0))


def _spots(change: NDArray[np.float32]) -> list[_Spot]:
    """The areas that change most, in box px."""
    closed = cv2.morphologyEx((change > 0).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    rows, columns = np.mgrid[0 : change.shape[0], 0 : change.shape[1]]
    mass, x, y = (
        np.bincount(labels.ravel(), (change * weight).ravel(), count) for weight in (np.ones_like(rows), columns, rows)
    )
    pixels = statistics[:, cv2.CC_STAT_AREA]
    largest = [index for index in np.argsort(-mass) if index > 0 and pixels[index] >= _MIN_EYE_PIXELS][:_MOST_SPOTS]
    top, left = FACE_REGION[0].start + 0.5, FACE_REGION[1].start + 0.5
    return [
        _Spot(
            Point(float(x[index] / mass[index]) + left, float(y[index] / mass[index]) + top),
            int(pixels[index]),
            float(mass[index]),
        )
        for index in largest
    ]


def _pair(one: _Spot, other: _Spot, total_mass: float) -> Eyes | None:
    """Two spots as eyes; None when they cannot be."""
    right, left = sorted((one.middle, other.middle), key=lambda middle: middle.x_px)
    eyes = Eyes(left, right, 0.0)
    balance = min(one.mass, other.mass) / max(one.mass, other.mass)
    near, far = _DISTANCES_PX
    if not near < eyes.distance_px < far or abs(eyes.tilt_deg) > _MAX_TILT_DEG or balance < _MIN_BALANCE:
        return None
    pixels, mass = one.pixels + other.pixels, one.mass + other.mass
    size = math.sqrt(pixels / 2) / eyes.distance_px
    clarity = (
        mass
        / total_mass
        * math.sqrt(balance)
        * min(1.0, size / _CLEAR_SIZE)
        * min(1.0, _LARGEST_SIZE / size)
        * min(1.0, mass / pixels / 255 / _CLEAR_CHANGE)
        * math.cos(math.radians(eyes.tilt_deg))
    )
    return Eyes(left, right, clarity)
