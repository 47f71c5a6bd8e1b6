"""A compiled character in the teacher's box, where both can be compared, whole and in parts."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.character import Character
from kuchipaku_tha.compiled import CompiledMorpher, box_canvas
from kuchipaku_tha.grids import Axis
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.picture import SIZE_PX
from kuchipaku_tha.pose import ROTATION, Pose
from kuchipaku_tha.warp import FrameWarp

_COLUMNS, _ROWS = np.meshgrid(np.arange(SIZE_PX, dtype=np.float32), np.arange(SIZE_PX, dtype=np.float32))
_STILL = np.stack((_COLUMNS, _ROWS), axis=-1)


class Drawing:
    """Draws one compiled character in the teacher's box.

    Attributes:
        source: the character's picture in the box, premultiplied sRGB, uint8 (512, 512, 4).
    """

    def __init__(self, character: Character) -> None:
        self.source = character.box
        self._data = character.data
        self._morpher = CompiledMorpher(box_canvas(character.box, character.data))
        whole = Axis(SIZE_PX, 0, 1)
        flow_rows, flow_columns, _axes = character.data.flow.shape
        self._warp = FrameWarp(whole, whole, flow_rows, flow_columns)

    def picture(self, pose: Pose) -> PremultipliedRgba:
        """The whole picture, uint8 (512, 512, 4)."""
        return self._morpher.render(pose)

    def face_alone(self, pose: Pose) -> PremultipliedRgba:
        """The picture with its face in the pose, but neither turned nor breathing."""
        still = pose.copy()
        still[ROTATION] = 0
        return self.picture(still)

    def flow(self, pose: Pose) -> NDArray[np.float32]:
        """Where pixels come from: displacements in box px, x then y, float32 (512, 512, 2)."""
        sampling_map = self._warp.new_map()
        self._warp.fill(sampling_map, self._data.displacement(pose))
        return np.moveaxis(sampling_map, 0, -1) - _STILL


def warp(picture: PremultipliedRgba, flow: NDArray[np.float32]) -> PremultipliedRgba:
    """The picture with every pixel fetched from its displaced place; edges are repeated outwards."""
    empty = np.empty(0, np.float32)
    warped = cv2.remap(picture, _STILL + flow, empty, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)
