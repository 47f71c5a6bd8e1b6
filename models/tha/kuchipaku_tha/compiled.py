"""The compiled morpher: milliseconds a frame on one core, no network of the teacher involved.

Face patches are added to the source picture, then the whole picture is warped by a flow that is smooth in the six
rotation and breathing values. Everything happens on premultiplied sRGB bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, takewhile

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.face import FaceEvaluator, FacePatch, read_rest
from kuchipaku_tha.field import PoseField
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import ROTATION, Pose

DEPARTED = 0.1
"""Length of the rotation and breathing values at which 63 % of the teacher's shift at rest is added."""

_NO_SECOND_MAP = np.empty(0, np.float32)


@dataclass(frozen=True)
class MorphData:
    """All that was fitted for one character; shared by its morphers and never written to.

    Attributes:
        flow: where a pixel comes from, as a displacement in px of the 512 px picture, shape (rows, columns, 2),
            x then y, on a coarser grid that covers the picture.
        flow_rest: what the teacher shifts even at rest, some tenths of a pixel, float32 of the same shape. It is
            added as soon as the character breathes or turns, so that the neutral pose alone is the source picture.
        patches: the changeable rectangles of the face; they do not write the same pixels.
    """

    flow: PoseField
    flow_rest: NDArray[np.float32]
    patches: tuple[FacePatch, ...]

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """Named arrays for a file."""
        named = self.flow.tensors("flow")
        named["flow.rest"] = self.flow_rest.astype(np.float16)
        for index, patch in enumerate(self.patches):
            named |= patch.tensors(f"patch.{index}")
        return named

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]], size_px: int) -> MorphData:
        """Read back what ``tensors`` gave.

        Raises:
            CharacterError: arrays are missing, do not fit each other or reach beyond the picture.
        """
        flow = PoseField.from_tensors("flow", tensors)
        names = takewhile(lambda name: f"{name}.corner" in tensors, (f"patch.{index}" for index in count()))
        patches = tuple(FacePatch.from_tensors(name, tensors, size_px) for name in names)
        if len(flow.shape) != 3 or flow.shape[2] != 2 or max(flow.shape[:2]) > size_px:
            raise CharacterError("The flow has a wrong shape. Compile the character again.")
        return cls(flow, read_rest("flow", tensors, flow), patches)


class CompiledMorpher:
    """Draws one compiled character. Implements ``Morpher``; an instance belongs to one thread at a time.

    What does not change is not computed again: a patch is evaluated when one of its own values changes, the flow when
    a rotation or breathing value does, and the same pose twice returns the same array.
    """

    def __init__(self, picture: PremultipliedRgba, data: MorphData) -> None:
        """Prepare to draw.

        Args:
            picture: the source, uint8 (size, size, 4), premultiplied sRGB; not copied, not written to.
            data: what was fitted for it.
        """
        self._source = picture
        self._data = data
        self._face = picture.copy()
        self._evaluator = FaceEvaluator(picture, data.patches)
        self._flow_key = b""
        self._frame_key = b""
        self._frame = picture
        size = self.size_px
        columns, rows = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
        self._identity = np.stack((columns, rows), axis=-1)
        self._map = self._identity.copy()

    @property
    def size_px(self) -> int:
        """Width and height of the pictures it returns."""
        return int(self._source.shape[0])

    def render(self, pose: Pose) -> PremultipliedRgba:
        """Draw the character in a pose (float32, shape (45,)): uint8 (size, size, 4), premultiplied, read-only."""
        key = pose.tobytes()
        if key != self._frame_key:
            self._update_face(pose)
            self._update_map(pose)
            frame = self._warp()
            frame.flags.writeable = False
            self._frame, self._frame_key = frame, key
        return self._frame

    def _warp(self) -> PremultipliedRgba:
        """The face-morphed picture sampled through the map, edges repeated outwards as the teacher does."""
        interpolation, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        return np.asarray(cv2.remap(self._face, self._map, _NO_SECOND_MAP, interpolation, borderMode=border), np.uint8)

    def _update_face(self, pose: Pose) -> None:
        for index, face in self._evaluator.update(pose):
            self._face[self._evaluator.areas[index]][..., :3] = face.colour + np.float32(0.5)

    def _update_map(self, pose: Pose) -> None:
        key = pose[ROTATION].tobytes()
        if key == self._flow_key:
            return
        self._flow_key = key
        departure = np.float32(1 - np.exp(-np.sum(np.square(pose[ROTATION] / DEPARTED))))
        flow = self._data.flow(pose) + self._data.flow_rest * departure
        cv2.resize(flow, (self.size_px, self.size_px), dst=self._map, interpolation=cv2.INTER_LINEAR)
        cv2.add(self._map, self._identity, dst=self._map)
