"""From the evaluated face in the teacher's box to the face-morphed picture at a frame's size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.face import FaceChange, FaceEvaluator
from kuchipaku_tha.grids import Axis, Resampler, weights_within
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import Pose
from kuchipaku_tha.rectangle import Area

_ROUND = np.float32(0.5)


class FaceInset:
    """One changeable rectangle of the face, within frames of one size. Immutable; shared by morphers.

    What the box cannot hold of a larger frame, its detail, is added to the face where it has not changed:
    ``frame + up(face - box) - detail * up(change)``. So still skin and hair stay sharp to the pixel, nothing of open
    eyes shines through closed lids, and there is no seam between the two.
    """

    def __init__(
        self, source: PremultipliedRgba, box: PremultipliedRgba, area: Area, rows: Axis, columns: Axis
    ) -> None:
        """Prepare.

        Args:
            source: the picture at the frame's size, premultiplied sRGB.
            box: the picture in the teacher's box.
            area: rectangle of the box.
            rows: of the frame over those of the box.
            columns: of the frame over those of the box.
        """
        self.area: Area = (
            rows.covering(area[0].start, area[0].stop),
            columns.covering(area[1].start, area[1].stop),
        )
        """Rectangle of the frame that it changes."""
        frame_rows, frame_columns = rows.part(self.area[0]), columns.part(self.area[1])
        row_weights = weights_within(frame_rows, box.shape[0])
        column_weights = weights_within(frame_columns, box.shape[1])
        self._resampler = Resampler(row_weights[:, area[0]], column_weights[:, area[1]])
        self._box = box[area][..., :3].astype(np.float32)
        self._source = source[self.area][..., :3].astype(np.float32)
        self._alpha = source[self.area][..., 3:].astype(np.float32)
        held = Resampler(row_weights, column_weights)(box[..., :3].astype(np.float32))
        self._detail = None if np.array_equal(held, self._source) else self._source - held

    def addition(self, face: FaceChange) -> NDArray[np.float32]:
        """What a face adds to the source's premultiplied colour: float32 (height, width, 3)."""
        difference = face.colour - self._box
        if self._detail is None:
            return self._resampler(difference)
        fine = self._resampler(np.dstack((difference, face.change)))
        return np.asarray(fine[..., :3] - self._detail * np.clip(fine[..., 3:], 0, 1), np.float32)

    def colour(self, addition: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Premultiplied colour, never above alpha: uint8 (height, width, 3)."""
        return np.asarray(np.clip(self._source + addition, 0, self._alpha) + _ROUND, np.uint8)


class FaceLayer:
    """The face-morphed picture of one morpher, at the frame's size; an instance belongs to one thread at a time."""

    def __init__(self, source: PremultipliedRgba, evaluator: FaceEvaluator, insets: Sequence[FaceInset]) -> None:
        """Prepare; ``insets`` are those of the evaluator's areas, in its order. The source is not written to."""
        self.picture = source.copy()
        self._evaluator = evaluator
        self._insets = tuple(insets)
        self._additions = [np.zeros(inset_shape(inset), np.float32) for inset in self._insets]

    def update(self, pose: Pose) -> None:
        """Bring ``picture`` to a pose's face; rectangles that do not change cost nothing."""
        changed = []
        for index, face in self._evaluator.update(pose):
            self._additions[index] = self._insets[index].addition(face)
            changed.append(index)
        for index in changed:
            inset = self._insets[index]
            self.picture[inset.area][..., :3] = inset.colour(self._sum_within(index))

    def _sum_within(self, index: int) -> NDArray[np.float32]:
        """One rectangle's addition and those of the others where they reach into it."""
        area = self._insets[index].area
        total = self._additions[index]
        for other, inset in enumerate(self._insets):
            shared = _intersection(area, inset.area)
            if other != index and shared is not None:
                total = total.copy() if total is self._additions[index] else total
                total[_within(shared, area)] += self._additions[other][_within(shared, inset.area)]
        return total


def inset_shape(inset: FaceInset) -> tuple[int, int, int]:
    """Height, width and channels of an inset's additions."""
    rows, columns = inset.area
    return rows.stop - rows.start, columns.stop - columns.start, 3


def _intersection(one: Area, other: Area) -> Area | None:
    rows, columns = (
        slice(max(mine.start, theirs.start), min(mine.stop, theirs.stop))
        for mine, theirs in zip(one, other, strict=True)
    )
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


def _within(area: Area, outer: Area) -> Area:
    rows, columns = (
        slice(side.start - begin.start, side.stop - begin.start) for side, begin in zip(area, outer, strict=True)
    )
    return rows, columns
