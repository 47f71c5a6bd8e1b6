"""Fitting brows, lids and irises to the layers of the teacher's samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.drawing import CharacterSamples
from kuchipaku_tha.field import FieldDesign
from kuchipaku_tha.fitter import Fitter
from kuchipaku_tha.layers import EyeLayers, Layer, UpperFace, shifted
from kuchipaku_tha.pose import BROW_INPUTS, UPPER_INPUTS
from kuchipaku_tha.recorded_layers import light, logits
from kuchipaku_tha.rectangle import Area
from kuchipaku_tha.regions import FaceRegion
from kuchipaku_tha.teacher import BROW_IN_FACE, BROW_REGION, BrowLayers

BROW_DESIGN: Final = FieldDesign(components=64, hidden=(192, 192, 192), steps=6000, batch=64, rate=1e-2, decay=0.2)
IRIS_DESIGN: Final = FieldDesign(components=64, hidden=(192, 192, 192), steps=6000, batch=64, rate=1e-2, decay=0.5)
LID_DESIGN: Final = FieldDesign(components=96, hidden=(192, 192, 192), steps=6000, batch=64, rate=1e-2, decay=0.5)

_SHIFT_IMPORTANCE: Final = 0.1
_LOGIT_IMPORTANCE: Final = 0.025
"""A px of the warp, and a step of a mask's logit, against a colour between black and white that is seen always."""
_LEAST_IMPORTANCE: Final = 0.03
_MARGIN_PX: Final = 6
"""By which the rectangle is larger than what changes: from there pixels are moved in."""
_SEEN_EVERY: Final = 4
_VISIBLE: Final = 0.02
_MOVED_PX: Final = 0.25


def count_upper_fields(eyes: Sequence[FaceRegion]) -> int:
    """How many fields :func:`fit_upper` fits."""
    return 1 + 2 * len(eyes) if eyes else 0


def fit_upper(
    samples: CharacterSamples, eyes: Sequence[FaceRegion], rest: NDArray[np.float32], fitter: Fitter
) -> UpperFace:
    """Fit brows, lids and irises.

    Args:
        samples: of a teacher that tells its layers.
        eyes: each eye with its brow.
        rest: what the teacher changes at rest, premultiplied sRGB levels, float32 (192, 192, 3).
        fitter: fits the fields.

    Raises:
        StorageError: samples were removed or damaged meanwhile.
        ValueError: the teacher does not tell its layers.
    """
    if samples.neutral_layers is None:
        raise ValueError("this teacher does not tell the layers of a face")
    masks = [_mask_in_brow_region(region) for region in eyes]
    cover = np.max(masks, axis=0)
    area = _around(cover > 0, _MARGIN_PX)
    recorded = _Recorded(samples, area)
    skin, brows = _still_layers(samples.neutral_layers.brows, area)
    brow_shift = _fit_brows(recorded, brows, fitter)
    layers = tuple(
        _fit_eye(recorded, mask[area], region.group, fitter) for region, mask in zip(eyes, masks, strict=True)
    )
    alpha = samples.box[BROW_REGION][area][..., 3:] / np.float32(255)
    return UpperFace(
        top_px=BROW_REGION[0].start + area[0].start,
        left_px=BROW_REGION[1].start + area[1].start,
        cover=np.asarray(cover[area][..., None] * alpha, np.float32),
        skin=skin,
        brows=brows,
        brow_shift=brow_shift,
        eyes=layers,
        rest=np.asarray(rest[BROW_IN_FACE][area] * cover[area][..., None], np.float32),
    )


class _Recorded:
    """The recorded layers of all face samples, in one rectangle of BROW_REGION."""

    def __init__(self, samples: CharacterSamples, area: Area) -> None:
        self._samples = samples
        self._area = area
        self.poses = np.concatenate((samples.probes.poses, samples.faces.poses))

    def all(self, name: str, within: Area | None = None) -> NDArray[Any]:
        """One kind of layer in every sample: (samples, height, width, channels)."""

        def cut(layers: NDArray[Any]) -> NDArray[Any]:
            return self._cut(layers, within)

        return np.concatenate((self._samples.probes.array(name, cut), self._samples.faces.array(name, cut)))

    def neutral(self, name: str, within: Area | None = None) -> NDArray[Any]:
        """One kind of layer at rest: (height, width, channels)."""
        return np.asarray(self._cut(self._samples.neutral_face.array(name), within)[0])

    def _cut(self, layers: NDArray[Any], within: Area | None) -> NDArray[Any]:
        cut = np.asarray(layers[:, *self._area])
        return cut if within is None else np.asarray(cut[:, *within])


def _mask_in_brow_region(region: FaceRegion) -> NDArray[np.float32]:
    """The region's mask over the whole of BROW_REGION: float32 (128, 128)."""
    face = np.zeros((BROW_IN_FACE[0].stop + BROW_IN_FACE[0].start,) * 2, np.float32)
    face[region.area] = region.mask
    return face[BROW_IN_FACE]


def _around(chosen: NDArray[np.bool_], margin_px: int) -> Area:
    """The smallest rectangle around some pixels, larger by a margin where there is room."""
    rows, columns = (
        slice(max(0, int(hits.min()) - margin_px), min(size, int(hits.max()) + 1 + margin_px))
        for hits, size in zip(np.nonzero(chosen), chosen.shape, strict=True)
    )
    return rows, columns


def _still_layers(brows: BrowLayers, area: Area) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The face without brows (height, width, 3), and the brows with their alpha (height, width, 4), in [0, 1]."""
    skin, apart = (
        np.ascontiguousarray((layer[:channels, *area].transpose(1, 2, 0) + 1) / 2, np.float32)
        for layer, channels in ((brows.background, 3), (brows.eyebrows, 4))
    )
    return skin, apart


def _fit_brows(recorded: _Recorded, brows: NDArray[np.float32], fitter: Fitter) -> Layer:
    rest = recorded.neutral("brow_shift").astype(np.float32)
    shifts = recorded.all("brow_shift").astype(np.float32)
    importance = np.repeat(_brow_trace(brows[..., 3], shifts[::_SEEN_EVERY])[..., None], 2, axis=2)
    change = fitter.fit(recorded.poses, shifts - rest, BROW_INPUTS, BROW_DESIGN, "fitting the brows", importance)
    return Layer(change, rest)


def _brow_trace(alpha: NDArray[np.float32], shifts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where brows are in any of some samples, with a soft rim: float32 (height, width) in [0, 1]."""
    alpha = np.ascontiguousarray(alpha)
    whole = slice(0, alpha.shape[0]), slice(0, alpha.shape[1])
    seen = np.max([shifted(alpha, shift, whole) for shift in shifts], axis=0)
    spread = cv2.dilate((seen > _VISIBLE).astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(spread, (0, 0), 1), np.float32)


def _fit_eye(recorded: _Recorded, mask: NDArray[np.float32], side: str, fitter: Fitter) -> EyeLayers:
    area = _around((mask > 0) & _eye_trace(recorded), 1)
    mask = mask[area]
    iris = _fit_layer(
        recorded,
        area,
        mask,
        ("iris_shift", "iris_mask", "iris_colour"),
        IRIS_DESIGN,
        f"fitting the {side} iris",
        fitter,
    )
    lid = _fit_layer(recorded, area, mask, ("lid_mask", "lid_colour"), LID_DESIGN, f"fitting the {side} lid", fitter)
    return EyeLayers(area[0].start, area[1].start, iris, lid)


def _eye_trace(recorded: _Recorded) -> NDArray[np.bool_]:
    """Where lids or irises change anything: (height, width)."""
    lid, iris = (_cover(recorded.all(name)[::_SEEN_EVERY]).max(axis=0)[..., 0] for name in ("lid_mask", "iris_mask"))
    shifts = recorded.all("iris_shift")[::_SEEN_EVERY].astype(np.float32) - recorded.neutral("iris_shift")
    moved = np.abs(shifts).max(axis=(0, 3)) > _MOVED_PX
    trace: NDArray[np.bool_] = (np.maximum(lid, iris) > 0.5) | moved
    return trace


def _fit_layer(
    recorded: _Recorded,
    area: Area,
    mask: NDArray[np.float32],
    names: Sequence[str],
    design: FieldDesign,
    words: str,
    fitter: Fitter,
) -> Layer:
    values = np.concatenate([_planes(name, recorded.all(name, area)) for name in names], axis=3)
    rest = np.concatenate([_planes(name, recorded.neutral(name, area)) for name in names], axis=2)
    covered = next(_cover(recorded.all(name, area)) for name in names if name.endswith("_mask"))
    seen = np.maximum(np.sqrt(covered.mean(axis=0)), _LEAST_IMPORTANCE)
    importance = np.concatenate([_importance(name, seen) for name in names], axis=2) * mask[..., None]
    change = fitter.fit(recorded.poses, values - rest, UPPER_INPUTS, design, words, np.asarray(importance, np.float32))
    return Layer(change, np.asarray(rest, np.float32))


def _planes(name: str, layers: NDArray[Any]) -> NDArray[np.float32]:
    """Recorded layers as numbers to fit."""
    if name.endswith("_mask"):
        return logits(layers)
    return light(layers) if name.endswith("_colour") else layers.astype(np.float32)


def _importance(name: str, seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each plane of a layer: (height, width, planes). A colour matters as often as its mask lets it be seen."""
    if name.endswith("_colour"):
        return np.repeat(seen, 3, axis=2)
    planes, importance = (1, _LOGIT_IMPORTANCE) if name.endswith("_mask") else (2, _SHIFT_IMPORTANCE)
    return np.full((*seen.shape[:2], planes), importance, np.float32)


def _cover(recorded_masks: NDArray[Any]) -> NDArray[np.float32]:
    """Recorded masks as alpha, [0, 1]."""
    return np.asarray(1 / (1 + np.exp(-logits(recorded_masks))), np.float32)
