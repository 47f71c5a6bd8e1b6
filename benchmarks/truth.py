"""What the teacher draws: the truth that compiled characters are compared with, kept between runs if wanted."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from safetensors.numpy import load_file, save_file

from kuchipaku_tha.character import Character
from kuchipaku_tha.colour import linear_image_to_srgb
from kuchipaku_tha.picture import SIZE_PX, premultiply
from kuchipaku_tha.pose import Pose
from kuchipaku_tha.teacher import FACE_REGION
from kuchipaku_tha.teachers import PoseTeacher, load_teacher

VERSION = 3
"""Of the kept files' content."""


@dataclass(frozen=True)
class TeacherFrames:
    """A character in some poses, drawn by its teacher.

    Attributes:
        poses: float32 (frames, 45).
        images: premultiplied sRGB, uint8 (frames, 512, 512, 4), in the teacher's box.
        faces: the face before head and body turn, premultiplied sRGB, uint8 (frames, 192, 192, 4): FACE_REGION.
        flows: where the pixels come from, as displacements in box px, x then y, float32 (frames, 512, 512, 2).
    """

    poses: Pose
    images: NDArray[np.uint8]
    faces: NDArray[np.uint8]
    flows: NDArray[np.float32]


class TruthTeller:
    """Draws characters with the teacher, which is loaded only when something is not kept yet.

    Args:
        kept: folder for what was drawn, about 3.3 MB a frame; nothing is kept without one.
        weights: folder of another teacher's weights, or of a THA4 student; the published ones when absent.
    """

    def __init__(self, kept: Path | None = None, weights: Path | None = None) -> None:
        self._kept = kept
        self._weights = weights
        self._teacher: PoseTeacher | None = None

    @property
    def teacher(self) -> PoseTeacher:
        """The teacher itself, its picture being the one last asked for."""
        if self._teacher is None:
            self._teacher = load_teacher(self._weights)
        return self._teacher

    def frames(self, character: Character, poses: Sequence[Pose], label: str) -> TeacherFrames:
        """Draw a character in poses, or read what was drawn before.

        Args:
            character: whose picture.
            poses: float32 (45,) each.
            label: what the progress bar says.
        """
        stacked = np.stack(poses).astype(np.float32)
        path = self._path(character, stacked)
        if path and path.is_file():
            return TeacherFrames(stacked, **load_file(path))
        frames = self._draw(character, stacked, label)
        if path:
            _keep(path, images=frames.images, faces=frames.faces, flows=frames.flows)
        return frames

    def faces(self, character: Character, poses: Sequence[Pose], label: str) -> NDArray[np.uint8]:
        """Faces alone, neither turned nor breathing: premultiplied sRGB, uint8 (poses, 192, 192, 4), FACE_REGION.

        Drawn in a fifth of the time of whole frames; arguments as for ``frames``.
        """
        stacked = np.stack(poses).astype(np.float32)
        path = self._path(character, stacked, "-faces")
        if path and path.is_file():
            return np.asarray(load_file(path)["faces"], np.uint8)
        self.teacher.set_picture(character.teacher_picture())
        faces = np.stack(
            [premultiply(linear_image_to_srgb(self.teacher.face(pose).crop)) for pose in track(stacked, label)]
        )
        if path:
            _keep(path, faces=faces)
        return faces

    def _path(self, character: Character, poses: Pose, ending: str = "") -> Path | None:
        """Where something is kept: named by what it was drawn from."""
        if self._kept is None:
            return None
        digest = hashlib.sha256(f"teacher frames {VERSION}{self._weights or ''}".encode())
        digest.update(character.teacher_picture().tobytes())
        digest.update(poses.tobytes())
        return self._kept / f"{digest.hexdigest()[:24]}{ending}.safetensors"

    def _draw(self, character: Character, poses: Pose, label: str) -> TeacherFrames:
        self.teacher.set_picture(character.teacher_picture())
        images, faces, flows = [], [], []
        for pose in track(poses, label):
            result = self.teacher.pose(pose)
            images.append(premultiply(linear_image_to_srgb(result.image)))
            faces.append(premultiply(linear_image_to_srgb(result.face_morphed[:, *FACE_REGION])))
            flows.append((result.grid_change.transpose(1, 2, 0) * (SIZE_PX / 2)).astype(np.float32))
        return TeacherFrames(poses, np.stack(images), np.stack(faces), np.stack(flows))


def _keep(path: Path, **arrays: NDArray[np.generic]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}-{secrets.token_hex(4)}")
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part)
    part.replace(path)
