"""Compiling a character: sample the teacher, fit the fields, write the character's folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from kuchipaku_tha.character import Character, CharacterFacts, check_name, save_character, title_from
from kuchipaku_tha.colour import LinearImage, linear_image_to_srgb, srgb_to_linear_image
from kuchipaku_tha.compiled import MorphData
from kuchipaku_tha.face import FacePatch
from kuchipaku_tha.field import FieldDesign, PoseField, fit_field
from kuchipaku_tha.flow import coarse_flow
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import load_picture, premultiply
from kuchipaku_tha.pose import ROTATION, Pose, neutral_pose
from kuchipaku_tha.regions import FaceRegion, find_regions
from kuchipaku_tha.sampling import face_poses, probe_poses, turn_poses
from kuchipaku_tha.teacher import FACE_REGION, Teacher

# Chosen by benchmarks/representations.py.
FLOW_DESIGN = FieldDesign(components=64, hidden=(128, 128), steps=8000, batch=32, rate=5e-3, decay=0.5)
PATCH_DESIGN = FieldDesign(components=128, hidden=(128, 128, 128), steps=9000, batch=64, rate=1e-2, decay=0.2)

# Seconds of one step relative to one face sample, for the estimate of the time left.
_TURN_WORK = 3.0
_FIT_WORK = 60.0


@dataclass(frozen=True)
class CompileSettings:
    """How much work goes into a character.

    Attributes:
        face_samples: faces drawn by the teacher.
        turn_samples: turns drawn by the teacher, each about three times as costly as a face.
        seed: of the poses and of the training; the same seed gives the same character.
    """

    face_samples: int = 1200
    turn_samples: int = 280
    seed: int = 0


DRAFT = CompileSettings(face_samples=300, turn_samples=80)
"""A usable character in about a minute."""
STANDARD = CompileSettings()
"""The default: about five minutes on two cores."""
FINE = CompileSettings(face_samples=2400, turn_samples=500)
"""For a character that will be looked at for long: about nine minutes on two cores."""


class Progress(Protocol):
    """Told how far a compile is."""

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Report progress.

        Args:
            stage: what is being done now, in words for a user.
            done: finished work; one unit is about the time of one face sample.
            total: all work, the same in every call.
        """


class _Work:
    """Counts finished work over all stages."""

    def __init__(self, settings: CompileSettings, progress: Progress) -> None:
        self._progress = progress
        self._done = 0.0
        self._total = len(probe_poses()) + settings.face_samples + settings.turn_samples * _TURN_WORK + 4 * _FIT_WORK

    def finish(self, stage: str, work: float) -> None:
        self._done += work
        self._progress(stage, min(self._done, self._total), self._total)


def _silent(stage: str, done: float, total: float) -> None:
    del stage, done, total


def compile_character(
    picture: Path,
    name: str,
    folder: Path,
    *,
    teacher: Teacher,
    settings: CompileSettings = STANDARD,
    facts: CharacterFacts | None = None,
    progress: Progress = _silent,
) -> Character:
    """Compile a picture into a character.

    The folder appears only when everything is finished; an existing character of that name is replaced then.

    Args:
        picture: PNG or WebP with a transparent background.
        name: of the character; also of its folder.
        folder: the character's own folder, made anew.
        teacher: draws the samples; its picture is replaced.
        settings: how much work to invest.
        facts: title and licence to record; taken from the name when absent.
        progress: called often, from this thread.

    Raises:
        PictureError: the picture cannot be used.
        CharacterError: the name cannot be used, or the folder cannot be written.
    """
    check_name(name)
    source = load_picture(picture)
    data = fit_morph(source, teacher, settings, progress)
    facts = facts or CharacterFacts(title_from(name))
    return save_character(folder, name, source, data, replace(facts, compiled_with=asdict(settings)))


def fit_morph(
    source: StraightRgba, teacher: Teacher, settings: CompileSettings, progress: Progress = _silent
) -> MorphData:
    """Sample the teacher on a picture (uint8 (512, 512, 4), straight alpha) and fit flow and patches to it."""
    work = _Work(settings, progress)
    rng = np.random.default_rng(settings.seed)
    teacher.set_picture(srgb_to_linear_image(source))
    patches = _fit_face(teacher, source, settings, rng, work)
    flow, flow_rest = _fit_flow(teacher, settings, rng, work)
    return MorphData(flow, flow_rest, patches)


def _fit_face(
    teacher: Teacher, source: StraightRgba, settings: CompileSettings, rng: np.random.Generator, work: _Work
) -> tuple[FacePatch, ...]:
    neutral = _premultiplied_colour(teacher.face(neutral_pose()).crop)
    probes = np.stack(probe_poses())
    probe_crops = _draw_faces(teacher, probes, "looking at the face", work)
    regions = find_regions(neutral, probe_crops, probes)
    poses = face_poses(settings.face_samples, rng)
    cuts = [[_cut(region, probe_crops - neutral)] for region in regions]
    for pose in poses:
        crop = _draw_faces(teacher, pose[None], "drawing faces", work) - neutral
        for region, region_cuts in zip(regions, cuts, strict=True):
            region_cuts.append(_cut(region, crop))
    all_poses = np.concatenate((probes, poses))
    rest = neutral - premultiply(source)[FACE_REGION][..., :3]
    return tuple(
        _fit_patch(region, all_poses, np.concatenate(region_cuts), rest, rng, work)
        for region, region_cuts in zip(regions, cuts, strict=True)
    )


def _draw_faces(teacher: Teacher, poses: Pose, stage: str, work: _Work) -> NDArray[np.float32]:
    """Face crops as premultiplied sRGB, [0, 255], float32 (poses, 192, 192, 3)."""
    crops = []
    for pose in poses:
        crops.append(_premultiplied_colour(teacher.face(pose).crop))
        work.finish(stage, 1)
    return np.stack(crops)


def _premultiplied_colour(image: LinearImage) -> NDArray[np.float32]:
    return premultiply(linear_image_to_srgb(image))[..., :3].astype(np.float32)


def _cut(region: FaceRegion, residuals: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(residuals[(slice(None), *region.area)] * region.mask[..., None], np.float32)


def _fit_patch(
    region: FaceRegion,
    poses: Pose,
    residuals: NDArray[np.float32],
    rest: NDArray[np.float32],
    rng: np.random.Generator,
    work: _Work,
) -> FacePatch:
    field = _fit(poses, residuals, region.inputs, PATCH_DESIGN, rng, work, f"fitting the face: {region.group}")
    rows, columns = FACE_REGION
    corner = rows.start + region.top_px, columns.start + region.left_px
    return FacePatch(*corner, field, _cut(region, rest[None])[0])


def _fit_flow(
    teacher: Teacher, settings: CompileSettings, rng: np.random.Generator, work: _Work
) -> tuple[PoseField, NDArray[np.float32]]:
    rest = coarse_flow(teacher.pose(neutral_pose()))
    poses = turn_poses(settings.turn_samples, settings.seed)
    flows = []
    for pose in poses:
        flows.append(coarse_flow(teacher.pose(pose)) - rest)
        work.finish("turning head and body", _TURN_WORK)
    inputs = np.arange(ROTATION.start, ROTATION.stop, dtype=np.int32)
    return _fit(poses, np.stack(flows), inputs, FLOW_DESIGN, rng, work, "fitting the turns"), rest


def _fit(
    poses: Pose,
    values: NDArray[np.float32],
    inputs: NDArray[np.int32],
    design: FieldDesign,
    rng: np.random.Generator,
    work: _Work,
    stage: str,
) -> PoseField:
    reported = 0.0

    def report(fraction: float) -> None:
        nonlocal reported
        work.finish(stage, (fraction - reported) * _FIT_WORK)
        reported = fraction

    with threadpool_limits(limits=1, user_api="blas"):
        return fit_field(poses, values, inputs, design, rng, report)
