"""Drawing a character's samples: which poses, what is kept of each, and who draws them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final, Self

import numpy as np

from kuchipaku_tha.colour import linear_image_to_srgb, srgb_to_linear_image
from kuchipaku_tha.flow import coarse_flow
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.pose import Pose, neutral_pose
from kuchipaku_tha.progress import ProgressListener, Stage, Work, unheard
from kuchipaku_tha.recorded_layers import record_layers
from kuchipaku_tha.samples import Arrays, Layout, Samples, SampleStore, layout_of
from kuchipaku_tha.sampling import face_poses, probe_poses, turn_poses
from kuchipaku_tha.teacher import FaceLayers
from kuchipaku_tha.teachers import PoseTeacher

SAMPLES_VERSION: Final = 2
"""Raised whenever the same pose is drawn or kept differently than before."""

MOST_THREADS: Final = 3
"""Teachers that draw at once: the first takes 1.1 GB while it turns a picture, each further one 0.7 GB."""


def record_face(teacher: PoseTeacher, pose: Pose) -> Arrays:
    """What is kept of a face: ``crop``, premultiplied sRGB, uint8 (192, 192, 3), and its layers if it has any."""
    face = teacher.face(pose)
    crop = np.ascontiguousarray(premultiply(linear_image_to_srgb(face.crop))[..., :3])
    return {"crop": crop, **(record_layers(face.layers) if face.layers is not None else {})}


def record_turn(teacher: PoseTeacher, pose: Pose) -> Arrays:
    """What is kept of a turn: ``flow``, px of the box, float32 (128, 128, 2), what happens at rest included."""
    return {"flow": coarse_flow(teacher.pose(pose))}


@dataclass(frozen=True)
class SampleKind:
    """A kind of sample.

    Attributes:
        stage: in which it is drawn; also names the folder of its chunks.
        words: for a user, while it is drawn.
        chunk: samples that are written together; as many are lost when a compile is stopped.
        work: time of one relative to a face.
        record: draws a pose and gives what is kept of it: any named arrays, of the same shapes and types for every
            pose. Chunks with other arrays than these are drawn again.
    """

    stage: Stage
    words: str
    chunk: int
    work: float
    record: Callable[[PoseTeacher, Pose], Arrays]


FACES: Final = SampleKind(Stage.FACES, "drawing faces", 50, 1.0, record_face)
TURNS: Final = SampleKind(Stage.TURNS, "turning head and body", 16, 4.0, record_turn)


@dataclass(frozen=True)
class CharacterSamples:
    """All samples that a character is fitted to.

    Attributes:
        box: the picture as the teacher sees it, uint8 (512, 512, 4), straight alpha.
        neutral_face: the one face at rest.
        probes: the faces of :func:`kuchipaku_tha.sampling.probe_poses`.
        faces: random faces.
        neutral_turn: the one picture at rest.
        turns: random turns.
        neutral_layers: of the face at rest; None from a teacher that only draws the whole.
    """

    box: StraightRgba
    neutral_face: Samples
    probes: Samples
    faces: Samples
    neutral_turn: Samples
    turns: Samples
    neutral_layers: FaceLayers | None = None


def draw_samples(
    box: StraightRgba,
    teacher: PoseTeacher,
    *,
    face_count: int,
    turn_count: int,
    seed: int,
    further_work: float = 0.0,
    listener: ProgressListener = unheard,
    threads: int | None = None,
    root: Path | None = None,
) -> tuple[CharacterSamples, Work]:
    """Draw what is not in the picture's store yet.

    The samples of a smaller count are the first ones of a larger count, so that what a draft drew serves the finished
    character. They are the same for any number of threads as long as each inference runs on one thread.

    Args:
        box: the picture as the teacher sees it, uint8 (512, 512, 4), straight alpha.
        teacher: draws; its picture is replaced.
        face_count: random faces.
        turn_count: random turns.
        seed: of the poses.
        further_work: what the caller will do afterwards, in units of one face sample.
        listener: told about progress.
        threads: twins of the teacher that draw at once; as many as there are cores, at most ``MOST_THREADS``, when
            absent.
        root: folder of all stores.

    Returns:
        the samples, and the work to go on counting.

    Raises:
        StorageError: the disk is full, or the folder cannot be written.
    """
    store = SampleStore.open(box, teacher.identity, SAMPLES_VERSION, seed, root)
    teacher.set_picture(srgb_to_linear_image(box))
    neutral_layers = teacher.face(neutral_pose()).layers
    faces = _Drawing(store, FACES, np.stack([neutral_pose(), *probe_poses(), *face_poses(face_count, seed)]), teacher)
    turns = _Drawing(store, TURNS, np.stack([neutral_pose(), *turn_poses(turn_count, seed)]), teacher)
    work = Work(faces.missing * FACES.work + turns.missing * TURNS.work + further_work, listener)
    if faces.missing or turns.missing:
        with _Crew(box, teacher, min(os.cpu_count() or 1, MOST_THREADS) if threads is None else threads) as crew:
            faces.draw(crew, work)
            turns.draw(crew, work)
    first_face = 1 + len(probe_poses())
    return CharacterSamples(
        box,
        neutral_face=faces.samples[:1],
        probes=faces.samples[1:first_face],
        faces=faces.samples[first_face:],
        neutral_turn=turns.samples[:1],
        turns=turns.samples[1:],
        neutral_layers=neutral_layers,
    ), work


class _Crew:
    """Twins of a teacher, one for each of several threads."""

    def __init__(self, box: StraightRgba, teacher: PoseTeacher, threads: int) -> None:
        self._idle: SimpleQueue[PoseTeacher] = SimpleQueue()
        self._idle.put(teacher)
        for _ in range(threads - 1):
            twin = teacher.twin()
            twin.set_picture(srgb_to_linear_image(box))
            self._idle.put(twin)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="kuchipaku-teacher")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def record(self, kind: SampleKind, poses: Pose) -> Iterator[Arrays]:
        """What is kept of each pose, in their order."""

        def record(pose: Pose) -> Arrays:
            with self._borrowed() as teacher:
                return kind.record(teacher, pose)

        return self._threads.map(record, poses)

    @contextmanager
    def _borrowed(self) -> Iterator[PoseTeacher]:
        teacher = self._idle.get()
        try:
            yield teacher
        finally:
            self._idle.put(teacher)


class _Drawing:
    """The samples of one kind: what is there, and drawing the rest."""

    def __init__(self, store: SampleStore, kind: SampleKind, poses: Pose, teacher: PoseTeacher) -> None:
        self._store = store
        self._kind = kind
        self._chunks = store.chunks(kind.stage, kind.chunk)
        self._poses = poses
        layout = layout_of(kind.record(teacher, poses[0]))
        self._kept = [self._count_kept(number, layout) for number in range(-(-len(poses) // kind.chunk))]
        self.samples = Samples(self._chunks, poses)

    @property
    def missing(self) -> int:
        """How many have to be drawn."""
        return len(self._poses) - sum(self._kept)

    def draw(self, crew: _Crew, work: Work) -> None:
        """Draw them."""
        for number, kept in enumerate(self._kept):
            poses = self._chunk_poses(number)
            if kept < len(poses):
                drawn = []
                for arrays in crew.record(self._kind, poses[kept:]):
                    drawn.append(arrays)
                    work.finish(self._kind.stage, self._kind.words, self._kind.work, samples=1)
                self._store.extend(self._chunks, number, poses, drawn)

    def _count_kept(self, number: int, layout: Layout) -> int:
        return self._store.kept(self._chunks, number, self._chunk_poses(number), layout)

    def _chunk_poses(self, number: int) -> Pose:
        return self._poses[number * self._kind.chunk :][: self._kind.chunk]
