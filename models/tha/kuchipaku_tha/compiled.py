"""The compiled morpher: milliseconds a frame on one core, no network of the teacher involved.

The face is composed into the picture at the frame's size, then the whole picture is warped by a flow that is smooth in
the six rotation and breathing values. Everything happens on premultiplied sRGB bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, takewhile

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.face import FaceEvaluator, FacePart, FacePatch
from kuchipaku_tha.field import PoseField, read_rest
from kuchipaku_tha.grids import Axis
from kuchipaku_tha.inset import FaceInset, FaceLayer
from kuchipaku_tha.layers import UpperFace
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import ROTATION, Pose
from kuchipaku_tha.rectangle import Area
from kuchipaku_tha.warp import FrameWarp

DEPARTED = 0.1
"""Length of the rotation and breathing values at which 63 % of the teacher's shift at rest is added."""

_UPPER = "upper"


@dataclass(frozen=True)
class MorphData:
    """All that was fitted for one character; shared by its morphers and never written to.

    Attributes:
        flow: where a pixel comes from, as a displacement in px of the 512 px box, shape (rows, columns, 2),
            x then y, on a coarser grid that covers the box.
        flow_rest: what the teacher shifts even at rest, some tenths of a pixel, float32 of the same shape. It is
            added as soon as the character breathes or turns, so that the neutral pose alone is the source picture.
        patches: the changeable rectangles of the face; they do not write the same pixels.
        upper: brows and eyes in layers, where the teacher tells its layers; else patches hold them too.
    """

    flow: PoseField
    flow_rest: NDArray[np.float32]
    patches: tuple[FacePatch, ...]
    upper: UpperFace | None = None

    @property
    def parts(self) -> tuple[FacePart, ...]:
        """All that changes the face."""
        return self.patches if self.upper is None else (self.upper, *self.patches)

    def displacement(self, pose: Pose) -> NDArray[np.float32]:
        """Where pixels come from in a pose, px of the box, x then y: float32 of the flow's shape."""
        departure = np.float32(1 - np.exp(-np.sum(np.square(pose[ROTATION] / DEPARTED))))
        return np.asarray(self.flow(pose) + self.flow_rest * departure, np.float32)

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """Named arrays for a file."""
        named = self.flow.tensors("flow")
        named["flow.rest"] = self.flow_rest.astype(np.float16)
        for index, patch in enumerate(self.patches):
            named |= patch.tensors(f"patch.{index}")
        return named if self.upper is None else named | self.upper.tensors(_UPPER)

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]], size_px: int) -> MorphData:
        """Read back what ``tensors`` gave.

        Raises:
            CharacterError: arrays are missing, do not fit each other or reach beyond the box.
        """
        flow = PoseField.from_tensors("flow", tensors)
        names = takewhile(lambda name: f"{name}.corner" in tensors, (f"patch.{index}" for index in count()))
        patches = tuple(FacePatch.from_tensors(name, tensors, size_px) for name in names)
        if len(flow.shape) != 3 or flow.shape[2] != 2 or max(flow.shape[:2]) > size_px:
            raise CharacterError("The flow has a wrong shape. Compile the character again.")
        upper = UpperFace.from_tensors(_UPPER, tensors, size_px) if f"{_UPPER}.corner" in tensors else None
        return cls(flow, read_rest("flow", tensors, flow), patches, upper)


class Canvas:
    """One character at one frame size: all that is computed once. Immutable; shared by the morphers that draw on it."""

    def __init__(
        self, source: PremultipliedRgba, box: PremultipliedRgba, rows: Axis, columns: Axis, data: MorphData
    ) -> None:
        """Prepare.

        Args:
            source: the picture as the neutral frame shows it, uint8 (height, width, 4), premultiplied sRGB.
            box: the picture in the teacher's box, uint8 (512, 512, 4), premultiplied sRGB.
            rows: of the frame over those of the box.
            columns: of the frame over those of the box.
            data: what was fitted.
        """
        self.source = source
        self.data = data
        flow_rows, flow_columns = data.flow.shape[:2]
        self.warp = FrameWarp(rows, columns, flow_rows, flow_columns, _figure(source))
        self._box = box
        areas = FaceEvaluator(box, data.parts).areas
        self._insets = tuple(FaceInset(source, box, area, rows, columns) for area in areas)

    def new_face(self) -> FaceLayer:
        """A face for one morpher."""
        return FaceLayer(self.source, FaceEvaluator(self._box, self.data.parts), self._insets)


def _figure(picture: PremultipliedRgba) -> Area:
    """The smallest rectangle that holds all that is not transparent; at least a pixel."""
    left, top, width, height = cv2.boundingRect(cv2.extractChannel(picture, 3))
    return slice(top, top + max(1, height)), slice(left, left + max(1, width))


def box_canvas(box: PremultipliedRgba, data: MorphData) -> Canvas:
    """The teacher's box itself as the frame: what is drawn covers what the teacher draws, pixel by pixel."""
    rows, columns = (Axis(count, 0, 1) for count in box.shape[:2])
    return Canvas(box, box, rows, columns, data)


class CompiledMorpher:
    """Draws one compiled character. Implements ``Morpher``; an instance belongs to one thread at a time.

    What does not change is not computed again: a patch is evaluated when one of its own values changes, the flow when
    a rotation or breathing value does, and the same pose twice returns the same array.
    """

    def __init__(self, canvas: Canvas) -> None:
        """Prepare to draw frames of the canvas' size."""
        self.canvas = canvas
        self._face = canvas.new_face()
        self._map = canvas.warp.new_map()
        self._seen: Area = slice(0, self.canvas.source.shape[0]), slice(0, self.canvas.source.shape[1])
        self._flow_key = b""
        self._frame_key = b""
        self._frame = canvas.source

    @property
    def width_px(self) -> int:
        """Width of the frames."""
        return int(self._frame.shape[1])

    @property
    def height_px(self) -> int:
        """Height of the frames."""
        return int(self._frame.shape[0])

    def render(self, pose: Pose) -> PremultipliedRgba:
        """Draw the character in a pose (float32, shape (45,)): uint8 (height, width, 4), premultiplied, read-only."""
        key = pose.tobytes()
        if key != self._frame_key:
            self._face.update(pose)
            self._update_map(pose)
            frame = self._warp()
            frame.flags.writeable = False
            self._frame, self._frame_key = frame, key
        return self._frame

    def _warp(self) -> PremultipliedRgba:
        """The face-morphed picture sampled through the map, edges repeated outwards as the teacher does."""
        frame = np.zeros_like(self.canvas.source)
        x, y = self._map[:, *self._seen]
        target, border = frame[self._seen], cv2.BORDER_REPLICATE
        cv2.remap(self._face.picture, x, y, cv2.INTER_LINEAR, dst=target, borderMode=border)
        return frame

    def _update_map(self, pose: Pose) -> None:
        key = pose[ROTATION].tobytes()
        if key == self._flow_key:
            return
        self._flow_key = key
        self._seen = self.canvas.warp.fill(self._map, self.canvas.data.displacement(pose))
