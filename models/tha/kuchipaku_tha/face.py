"""The face of a compiled character: what was fitted for it, and how a pose's face is evaluated.

Everything here is in pixels of the teacher's 512 px box and knows nothing of the size that is drawn at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.field import PoseField, read_rest
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import Pose
from kuchipaku_tha.rectangle import Area

FULL_CHANGE = 40.0
"""Change in sRGB levels from which on a patch shows the teacher's own pixels instead of the source's."""
SLIGHT_CHANGE = 10.0
"""Change in sRGB levels up to which it shows the source's: a blink of the other eye, say."""
_NEARBY_PX = 7


@dataclass(frozen=True)
class FacePatch:
    """A rectangle of the box that some face values change.

    Attributes:
        top_px: first row.
        left_px: first column.
        residual: what a pose adds to the premultiplied sRGB colour, shape (height, width, 3), in [-255, 255].
        rest: what the teacher changes even at rest, float32 of the same shape.
    """

    top_px: int
    left_px: int
    residual: PoseField
    rest: NDArray[np.float32]

    @property
    def area(self) -> Area:
        """Rows and columns of the box."""
        height, width = self.residual.shape[:2]
        return slice(self.top_px, self.top_px + height), slice(self.left_px, self.left_px + width)

    @property
    def inputs(self) -> NDArray[np.int32]:
        """Indices of the pose values that it depends on."""
        return self.residual.inputs

    def tensors(self, name: str) -> dict[str, NDArray[np.generic]]:
        """Named arrays for a file."""
        named = self.residual.tensors(name, np.int8)
        named[f"{name}.rest"] = self.rest.astype(np.float16)
        named[f"{name}.corner"] = np.array([self.top_px, self.left_px], np.int32)
        return named

    @classmethod
    def from_tensors(cls, name: str, tensors: Mapping[str, NDArray[np.generic]], size_px: int) -> FacePatch:
        """Read back what ``tensors`` gave, for a box of ``size_px``.

        Raises:
            CharacterError: arrays are missing, do not fit each other or reach beyond the box.
        """
        residual = PoseField.from_tensors(name, tensors)
        top_px, left_px = (int(value) for value in tensors[f"{name}.corner"])
        patch = cls(top_px, left_px, residual, read_rest(name, tensors, residual))
        inside = len(residual.shape) == 3 and residual.shape[2] == 3 and top_px >= 0 and left_px >= 0
        if not inside or any(side.stop > size_px for side in patch.area):
            raise CharacterError(f"The rectangle {name!r} lies outside the picture. Compile the character again.")
        return patch


class FacePart(Protocol):
    """What changes one rectangle of the box."""

    @property
    def area(self) -> Area:
        """Rows and columns of the box."""

    @property
    def inputs(self) -> NDArray[np.int32]:
        """Indices of the pose values that it depends on."""

    @property
    def rest(self) -> NDArray[np.float32]:
        """What the teacher changes even at rest, premultiplied sRGB levels, float32 (height, width, 3).

        It is added where the residual changes much, so that nothing of the source shines through closed lids, and left
        out where it does not, so that the source stays crisp.
        """

    def residual(self, pose: Pose) -> NDArray[np.float32]:
        """What a pose adds to the premultiplied sRGB colour: float32 (height, width, 3), [-255, 255]."""


@dataclass(frozen=True, slots=True)
class FaceChange:
    """One rectangle of the face in a pose.

    Attributes:
        colour: premultiplied sRGB in [0, 255], at most alpha, float32 (height, width, 3).
        change: how far each pixel has departed from the source, float32 (height, width) in [0, 1]. Where it is 0 the
            source's own fine detail may be drawn, where it is 1 nothing of it may show.
    """

    colour: NDArray[np.float32]
    change: NDArray[np.float32]


class FaceEvaluator:
    """Evaluates the face of one character; an instance belongs to one thread at a time.

    A rectangle is evaluated again only when one of the values that move it changes.
    """

    def __init__(self, box: PremultipliedRgba, parts: Sequence[FacePart]) -> None:
        """Prepare.

        Args:
            box: the source in the teacher's box, uint8 (512, 512, 4), premultiplied sRGB; not written to.
            parts: what was fitted for it.
        """
        self._box = box
        self._parts = tuple(parts)
        self._keys = [b""] * len(self._parts)

    @property
    def areas(self) -> tuple[Area, ...]:
        """The rectangles of the box that poses change, in the order of ``update``'s indices."""
        return tuple(part.area for part in self._parts)

    def update(self, pose: Pose) -> Iterator[tuple[int, FaceChange]]:
        """The rectangles that differ from those of the pose before, each with its index in ``areas``."""
        for index, part in enumerate(self._parts):
            key = pose[part.inputs].tobytes()
            if key != self._keys[index]:
                self._keys[index] = key
                yield index, self._evaluate(part, pose)

    def _evaluate(self, part: FacePart, pose: Pose) -> FaceChange:
        """Source plus residual, and rest where much changes; premultiplied colour never exceeds alpha."""
        source = self._box[part.area]
        residual = part.residual(pose)
        change = _change_nearby(residual)
        colour = source[..., :3] + residual + part.rest * change[..., None]
        return FaceChange(np.clip(colour, 0, source[..., 3:], out=colour), change)


def _change_nearby(residual: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much is changed around each pixel: (height, width), smoothed, 0 to 1 from ``SLIGHT_`` to ``FULL_CHANGE``."""
    beyond = np.abs(residual).max(axis=-1) - np.float32(SLIGHT_CHANGE)
    change = np.clip(beyond * np.float32(1 / (FULL_CHANGE - SLIGHT_CHANGE)), 0, 1)
    spread = cv2.dilate(change, np.ones((_NEARBY_PX, _NEARBY_PX), np.uint8))
    return np.asarray(cv2.blur(spread, (_NEARBY_PX, _NEARBY_PX)), np.float32)
