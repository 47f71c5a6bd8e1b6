"""Fitting a character's fields to the teacher's samples."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.compiled import MorphData
from kuchipaku_tha.drawing import CharacterSamples
from kuchipaku_tha.face import FacePatch
from kuchipaku_tha.field import FieldDesign, PoseField
from kuchipaku_tha.fitter import FitListener, Fitter
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.pose import ROTATION
from kuchipaku_tha.regions import FaceRegion, find_regions
from kuchipaku_tha.samples import Samples
from kuchipaku_tha.teacher import FACE_REGION
from kuchipaku_tha.upper_fitting import count_upper_fields, fit_upper

# Chosen by benchmarks/representations.py.
FLOW_DESIGN: Final = FieldDesign(components=96, hidden=(128, 128, 128), steps=12000, batch=32, rate=5e-3, decay=0.005)
PATCH_DESIGN: Final = FieldDesign(components=128, hidden=(128, 128, 128), steps=9000, batch=64, rate=1e-2, decay=0.2)


def fit_morph(samples: CharacterSamples, effort: float, seed: int, listener: FitListener) -> MorphData:
    """Fit flow and face.

    Args:
        samples: what the teacher drew.
        effort: share of the full training, above 0 to 1.
        seed: of the training; the same samples and the same seed give the same result.
        listener: told about progress.

    Raises:
        StorageError: samples were removed or damaged meanwhile.
    """
    neutral = _crops(samples.neutral_face)[0]
    regions = find_regions(neutral, _crops(samples.probes), samples.probes.poses)
    rest = neutral - premultiply(samples.box)[FACE_REGION][..., :3]
    eyes = () if samples.neutral_layers is None else tuple(region for region in regions if region.group != "mouth")
    patched = tuple(region for region in regions if region not in eyes)
    fitter = Fitter(1 + len(patched) + count_upper_fields(eyes), effort, seed, listener)
    upper = fit_upper(samples, eyes, rest, fitter) if eyes else None
    patches = tuple(_fit_patch(region, samples, neutral, rest, fitter) for region in patched)
    flow_rest = samples.neutral_turn.array("flow")[0].astype(np.float32)
    return MorphData(_fit_flow(samples, flow_rest, fitter), flow_rest, patches, upper)


def _fit_patch(
    region: FaceRegion,
    samples: CharacterSamples,
    neutral: NDArray[np.float32],
    rest: NDArray[np.float32],
    fitter: Fitter,
) -> FacePatch:
    def residuals(crops: NDArray[np.generic]) -> NDArray[np.float32]:
        return _cut(region, np.asarray(crops, np.float32) - neutral)

    poses = np.concatenate((samples.probes.poses, samples.faces.poses))
    values = np.concatenate((samples.probes.array("crop", residuals), samples.faces.array("crop", residuals)))
    field = fitter.fit(poses, values, region.inputs, PATCH_DESIGN, f"fitting the face: {region.group}")
    rows, columns = FACE_REGION
    corner = rows.start + region.top_px, columns.start + region.left_px
    return FacePatch(*corner, field, _cut(region, rest[None])[0])


def _fit_flow(samples: CharacterSamples, rest: NDArray[np.float32], fitter: Fitter) -> PoseField:
    values = samples.turns.array("flow", lambda flows: np.asarray(flows, np.float32) - rest)
    inputs = np.arange(ROTATION.start, ROTATION.stop, dtype=np.int32)
    return fitter.fit(samples.turns.poses, values, inputs, FLOW_DESIGN, "fitting the turns")


def _crops(samples: Samples) -> NDArray[np.float32]:
    return samples.array("crop").astype(np.float32)


def _cut(region: FaceRegion, residuals: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(residuals[(slice(None), *region.area)] * region.mask[..., None], np.float32)
