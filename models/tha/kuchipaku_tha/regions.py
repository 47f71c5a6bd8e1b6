"""Where in the face crop something moves, found by probing the teacher: each eye with its brow, and the mouth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.pose import MOUTH_INPUTS, PARAMETERS, UPPER_INPUTS

GROUPS = ("left", "right", "mouth")
"""Left and right are the character's own: brow, lids and iris of one side."""

_CHANGE = 6.0
_MARGIN_PX = 4
_FEATHER_PX = 2


@dataclass(frozen=True)
class FaceRegion:
    """A part of the face crop and the pose values that change it.

    Attributes:
        group: one of ``GROUPS``.
        inputs: indices of the pose values, int32.
        top_px: first row of the bounding rectangle within the face crop.
        left_px: first column.
        mask: float32 (height, width) in [0, 1]: 1 inside, falling to 0 at the rim and where another region is nearer.
    """

    group: str
    inputs: NDArray[np.int32]
    top_px: int
    left_px: int
    mask: NDArray[np.float32]

    @property
    def area(self) -> tuple[slice, slice]:
        """Rows and columns within the face crop."""
        height, width = self.mask.shape
        return slice(self.top_px, self.top_px + height), slice(self.left_px, self.left_px + width)


def group_inputs(group: str) -> NDArray[np.int32]:
    """Indices of the pose values that change a group.

    What moves one eye moves the other a little too: leaving that out costs 1.5 dB and more.
    """
    return MOUTH_INPUTS if group == "mouth" else UPPER_INPUTS


def _own_inputs(group: str) -> list[int]:
    """Indices of the values that are meant for a group alone."""
    return [index for index in group_inputs(group) if group == "mouth" or PARAMETERS[index].name.endswith(f"_{group}")]


def find_regions(
    neutral: NDArray[np.float32], probes: NDArray[np.float32], probe_poses: NDArray[np.float32]
) -> tuple[FaceRegion, ...]:
    """The regions of a face.

    Args:
        neutral: the crop at rest, premultiplied sRGB, [0, 255], float32 (height, width, 3).
        probes: the crop in each probe pose, (probes, height, width, 3).
        probe_poses: one value set in each, float32 (probes, 45).

    Returns:
        the regions in which something changes, in the order of ``GROUPS``; a face without any gives none.
    """
    changes = np.abs(probes - neutral).max(axis=-1)
    scores = np.stack([_group_change(group, changes, probe_poses) for group in GROUPS])
    owner = np.stack([cv2.GaussianBlur(score, (0, 0), 3) for score in scores]).argmax(axis=0)
    moving = _grow((scores.max(axis=0) > _CHANGE).astype(np.uint8), _MARGIN_PX)
    regions = (_region(group, moving * (owner == index)) for index, group in enumerate(GROUPS))
    return tuple(region for region in regions if region is not None)


def _group_change(group: str, changes: NDArray[np.float32], probe_poses: NDArray[np.float32]) -> NDArray[np.float32]:
    """Greatest change that values of this group alone make: the gaze belongs to both eyes, so it is left out."""
    picked = np.any(probe_poses[:, _own_inputs(group)] != 0, axis=1)
    return np.asarray(changes[picked].max(axis=0), np.float32)


def _grow(mask: NDArray[np.uint8], by_px: int) -> NDArray[np.uint8]:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by_px + 1, 2 * by_px + 1))
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return np.asarray(cv2.dilate(opened, kernel), np.uint8)


def _region(group: str, owned: NDArray[np.integer]) -> FaceRegion | None:
    rows, columns = np.nonzero(owned)
    if rows.size == 0:
        return None
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    soft = cv2.GaussianBlur(owned.astype(np.float32), (0, 0), _FEATHER_PX / 2) * (owned > 0)
    return FaceRegion(group, group_inputs(group), int(top), int(left), soft[top:bottom, left:right].astype(np.float32))
