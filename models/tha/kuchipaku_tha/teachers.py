"""Whatever characters can be compiled from, and how to tell from a folder what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, Self

from kuchipaku_tha.colour import LinearImage
from kuchipaku_tha.pose import Pose
from kuchipaku_tha.teacher import FaceResult, Teacher, TeacherResult
from kuchipaku_tha.tha4.folder import is_student_folder
from kuchipaku_tha.tha4.student import Tha4Student


class PoseTeacher(Protocol):
    """Draws a picture in any pose. An instance belongs to one thread at a time; the same pose twice costs little.

    Optional are the layers of a face: where ``FaceResult.layers`` is None, only the whole face is known.

    Attributes:
        identity: names the weights: teachers of one identity draw the same.
    """

    identity: str

    def set_picture(self, image: LinearImage) -> None:
        """Choose the picture that is posed from now on.

        Args:
            image: float32 of shape (4, 512, 512), linear light, straight alpha, [-1, 1].

        Raises:
            PictureError: this teacher knows another picture alone.
        """

    def face(self, pose: Pose) -> FaceResult:
        """Morph the face alone; rotation and breathing are ignored."""

    def pose(self, pose: Pose) -> TeacherResult:
        """The picture in a pose."""

    def twin(self) -> Self:
        """Another one on the same networks, for another thread; it needs its picture set."""


def load_teacher(folder: Path | None = None, *, threads: int | None = None) -> Teacher | Tha4Student:
    """The teacher of a folder: weights of any published variant of THA3, or a THA4 student.

    Args:
        folder: when absent, that which KUCHIPAKU_TEACHER names, or the fetched weights.
        threads: for one inference; None leaves it to ONNX Runtime.

    Raises:
        WeightsError: files are missing, damaged, or of another kind.
        PictureError: the student's picture cannot be used.
    """
    if folder is not None and is_student_folder(folder):
        return Tha4Student.load(folder, threads=threads)
    return Teacher.load(folder, threads=threads)
