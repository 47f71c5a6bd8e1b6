"""Brows, lids and irises of a compiled character as the teacher makes them: layers that are moved and laid over.

An iris is the source's own, warped; a lid is a colour behind a mask. Fitting warp, masks and colours apart from each
other keeps their edges sharp where a sum of fitted pixels would blur them, and a glance beneath a half-closed lid is
right although hardly any sample shows both.

Colours are in linear light, [0, 1], straight: the teacher blends there. Masks are kept as logits, so that an edge that
moves is a surface that shifts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.colour import linear_light_to_srgb
from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.field import PoseField, read_rest
from kuchipaku_tha.pose import POSE_SIZE, UPPER_INPUTS, Pose
from kuchipaku_tha.rectangle import Area

IRIS_CHANNELS: Final = 6
"""Displacement x and y in px, logit of the mask, and the colour that is laid over the warped source: R, G, B."""
LID_CHANNELS: Final = 4
"""Logit of the mask, and the colour that it lets through."""
BROW_CHANNELS: Final = 2
"""Displacement x and y in px."""

LOGIT_LIMIT: Final = 10.0
"""Logits beyond it are not told apart."""

_ENCODING_STEPS: Final = 16384
_ENCODED: Final = linear_light_to_srgb(np.arange(_ENCODING_STEPS + 1) / _ENCODING_STEPS) * np.float32(255)


@dataclass(frozen=True)
class Layer:
    """Planes that a pose changes: what they are at rest, and what a pose adds.

    Attributes:
        change: float32 (height, width, channels) for a pose.
        rest: float32 of the same shape.
    """

    change: PoseField
    rest: NDArray[np.float32]

    def __call__(self, pose: Pose) -> NDArray[np.float32]:
        """The planes in a pose, float32 (height, width, channels)."""
        return np.asarray(self.rest + self.change(pose), np.float32)

    def tensors(self, name: str) -> dict[str, NDArray[np.generic]]:
        """Named arrays for a file."""
        return self.change.tensors(name, np.int8) | {f"{name}.rest": self.rest.astype(np.float16)}

    @classmethod
    def from_tensors(cls, name: str, tensors: Mapping[str, NDArray[np.generic]], channels: int) -> Layer:
        """Read back what ``tensors`` gave.

        Raises:
            CharacterError: arrays are missing or do not fit each other.
        """
        change = PoseField.from_tensors(name, tensors)
        if len(change.shape) != 3 or change.shape[2] != channels:
            raise CharacterError(f"The layer {name!r} has a wrong shape. Compile the character again.")
        return cls(change, read_rest(name, tensors, change))


@dataclass(frozen=True)
class EyeLayers:
    """Iris and lid of one eye.

    Attributes:
        top_px: first row within the rectangle of the upper face.
        left_px: first column.
        iris: ``IRIS_CHANNELS`` planes.
        lid: ``LID_CHANNELS`` planes of the same size.
    """

    top_px: int
    left_px: int
    iris: Layer
    lid: Layer

    @property
    def area(self) -> Area:
        """Rows and columns within the rectangle of the upper face."""
        height, width = self.iris.rest.shape[:2]
        return slice(self.top_px, self.top_px + height), slice(self.left_px, self.left_px + width)

    def over(self, face: NDArray[np.float32], pose: Pose) -> NDArray[np.float32]:
        """The eye of a pose, painted from a face with open eyes: linear light, float32 (height, width, 3)."""
        iris, lid = self.iris(pose), self.lid(pose)
        eye = shifted(face, iris[..., :2], self.area)
        eye += _mask(iris[..., 2:3]) * (iris[..., 3:] - eye)
        eye += _mask(lid[..., :1]) * (lid[..., 1:] - eye)
        return np.asarray(eye, np.float32)


@dataclass(frozen=True)
class UpperFace:
    """The rectangle of the teacher's box that holds brows and eyes.

    Attributes:
        top_px: first row.
        left_px: first column.
        cover: float32 (height, width, 1) in [0, 1]: where it may change the picture, times the picture's alpha.
        skin: the face without brows, linear light, float32 (height, width, 3).
        brows: the brows alone at rest, linear light and straight alpha in [0, 1], float32 (height, width, 4).
        brow_shift: ``BROW_CHANNELS`` planes: where the brows are sampled from.
        eyes: one or two.
        rest: what the teacher changes even at rest, premultiplied sRGB levels, float32 (height, width, 3).
    """

    top_px: int
    left_px: int
    cover: NDArray[np.float32]
    skin: NDArray[np.float32]
    brows: NDArray[np.float32]
    brow_shift: Layer
    eyes: tuple[EyeLayers, ...]
    rest: NDArray[np.float32]
    _still: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        still = self._colour(np.zeros(POSE_SIZE, np.float32))
        object.__setattr__(self, "_still", still)

    @property
    def area(self) -> Area:
        """Rows and columns of the box."""
        height, width = self.skin.shape[:2]
        return slice(self.top_px, self.top_px + height), slice(self.left_px, self.left_px + width)

    @property
    def inputs(self) -> NDArray[np.int32]:
        """Indices of the pose values that it depends on."""
        return UPPER_INPUTS

    def residual(self, pose: Pose) -> NDArray[np.float32]:
        """What a pose adds to the premultiplied sRGB colour: float32 (height, width, 3), [-255, 255]."""
        return np.asarray((self._colour(pose) - self._still) * self.cover, np.float32)

    def _colour(self, pose: Pose) -> NDArray[np.float32]:
        """Straight sRGB, [0, 255], as the layers alone give it."""
        shift = self.brow_shift(pose)
        moved = shifted(self.brows, shift, (slice(0, shift.shape[0]), slice(0, shift.shape[1])))
        open_face = self.skin + moved[..., 3:] * (moved[..., :3] - self.skin)
        face = open_face.copy()
        for eye in self.eyes:
            face[eye.area] = eye.over(open_face, pose)
        return _encode(face)

    def tensors(self, name: str) -> dict[str, NDArray[np.generic]]:
        """Named arrays for a file."""
        named: dict[str, NDArray[np.generic]] = {
            f"{name}.corner": np.array([self.top_px, self.left_px], np.int32),
            f"{name}.cover": self.cover.astype(np.float16),
            f"{name}.skin": self.skin.astype(np.float16),
            f"{name}.brows": self.brows.astype(np.float16),
            f"{name}.rest": self.rest.astype(np.float16),
        }
        named |= self.brow_shift.tensors(f"{name}.brow_shift")
        for index, eye in enumerate(self.eyes):
            prefix = f"{name}.eye.{index}"
            named[f"{prefix}.corner"] = np.array([eye.top_px, eye.left_px], np.int32)
            named |= eye.iris.tensors(f"{prefix}.iris") | eye.lid.tensors(f"{prefix}.lid")
        return named

    @classmethod
    def from_tensors(cls, name: str, tensors: Mapping[str, NDArray[np.generic]], size_px: int) -> UpperFace:
        """Read back what ``tensors`` gave, for a box of ``size_px``.

        Raises:
            CharacterError: arrays are missing, do not fit each other or reach beyond the box.
        """
        top_px, left_px = _corner(name, tensors)
        brow_shift = Layer.from_tensors(f"{name}.brow_shift", tensors, BROW_CHANNELS)
        height, width = brow_shift.rest.shape[:2]
        planes = {"cover": 1, "skin": 3, "brows": 4, "rest": 3}
        read = {plane: _plane(f"{name}.{plane}", tensors, (height, width, depth)) for plane, depth in planes.items()}
        eyes: list[EyeLayers] = []
        while f"{name}.eye.{len(eyes)}.corner" in tensors:
            eyes.append(_read_eye(f"{name}.eye.{len(eyes)}", tensors, (height, width)))
        if top_px + height > size_px or left_px + width > size_px:
            raise CharacterError(f"The rectangle {name!r} lies outside the picture. Compile the character again.")
        return cls(top_px, left_px, read["cover"], read["skin"], read["brows"], brow_shift, tuple(eyes), read["rest"])


def _read_eye(name: str, tensors: Mapping[str, NDArray[np.generic]], within: tuple[int, int]) -> EyeLayers:
    top_px, left_px = _corner(name, tensors)
    iris = Layer.from_tensors(f"{name}.iris", tensors, IRIS_CHANNELS)
    lid = Layer.from_tensors(f"{name}.lid", tensors, LID_CHANNELS)
    eye = EyeLayers(top_px, left_px, iris, lid)
    fits = iris.rest.shape[:2] == lid.rest.shape[:2]
    if not fits or any(side.stop > length for side, length in zip(eye.area, within, strict=True)):
        raise CharacterError(f"The layers of {name!r} do not fit each other. Compile the character again.")
    return eye


def _corner(name: str, tensors: Mapping[str, NDArray[np.generic]]) -> tuple[int, int]:
    corner = tensors.get(f"{name}.corner")
    if corner is None or corner.shape != (2,) or corner.min() < 0:
        raise CharacterError(f"The array '{name}.corner' is missing or wrong. Compile the character again.")
    return int(corner[0]), int(corner[1])


def _plane(name: str, tensors: Mapping[str, NDArray[np.generic]], shape: tuple[int, ...]) -> NDArray[np.float32]:
    plane = tensors.get(name)
    if plane is None or plane.shape != shape or not np.isfinite(plane).all():
        raise CharacterError(f"The array {name!r} is missing or wrong. Compile the character again.")
    return plane.astype(np.float32)


def shifted(image: NDArray[np.float32], shift: NDArray[np.float32], area: Area) -> NDArray[np.float32]:
    """A rectangle of an image, each pixel taken from some px away, with the image's border repeated outwards.

    Args:
        image: float32 (height, width) or (height, width, channels).
        shift: x then y, float32 of the rectangle's height and width, 2 channels.
        area: the rectangle.
    """
    rows, columns = np.mgrid[area].astype(np.float32)
    x, y = columns + shift[..., 0], rows + shift[..., 1]
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _mask(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(0.5 * np.tanh(0.5 * logits) + 0.5, np.float32)


def _encode(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light as sRGB levels, [0, 255]."""
    steps = np.clip(linear * np.float32(_ENCODING_STEPS) + np.float32(0.5), 0, _ENCODING_STEPS)
    return np.asarray(_ENCODED[steps.astype(np.int32)], np.float32)
