"""A THA4 student as a teacher: the character that others distilled is compiled from its own small networks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha import graphs
from kuchipaku_tha.colour import LinearImage, linear_image_to_srgb, srgb_to_linear_image
from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.pose import ROTATION, Pose, neutral_pose
from kuchipaku_tha.published import Loader, Network, load_tha4
from kuchipaku_tha.teacher import FACE_REGION, SIZE_PX, FaceResult, TeacherResult, weights_identity
from kuchipaku_tha.tha4.displacement import steady_displacement
from kuchipaku_tha.tha4.folder import STUDENT_ADVICE, read_student_folder

FACE_ROWS: Final = slice(80, 208)
FACE_COLUMNS: Final = slice(192, 320)
"""Where the student draws the face: 128×128 px in the middle of FACE_REGION."""

CREDIT: Final = (
    "Fitted to the output of a student of Talking Head(?) Anime from a Single Image 4, a method by Pramook Khungurn"
)
"""Of characters that are compiled from a student; whose the student is, its folder does not say."""

_LEAST_ALPHA: Final = 1e-4
"""Of pixels that have a colour at all."""


class Tha4Student:
    """A THA4 student, under ONNX Runtime. An instance belongs to one thread at a time.

    It does what :class:`kuchipaku_tha.teacher.Teacher` does, for the one picture of its folder. Its final picture
    depends on all 45 values: the face, too, has a say in how it warps.

    Attributes:
        identity: names the weights: students of one identity draw the same.
        picture: what is posed, uint8 (512, 512, 4), sRGB, straight alpha: the picture of the folder, with the face that
            the student draws at rest. The mouth of the former may be open, that of the latter is closed.
    """

    def __init__(self, networks: Mapping[str, Network], picture: StraightRgba, identity: str = "") -> None:
        """A student of a picture.

        Args:
            networks: ``face_morpher`` and ``body_morpher``.
            picture: uint8 (512, 512, 4), sRGB, straight alpha.
            identity: names the weights.

        Raises:
            PictureError: the picture has another size.
        """
        if picture.shape != (SIZE_PX, SIZE_PX, 4):
            height, width = picture.shape[:2]
            raise PictureError(f"The picture of a THA4 student has {SIZE_PX}×{SIZE_PX} pixels, not {width}×{height}.")
        self.identity = identity
        self._networks = networks
        self._drawn = picture
        self._source = multiply_alpha(srgb_to_linear_image(picture))
        self._face: tuple[bytes, LinearImage] | None = None
        self._posed: tuple[bytes, TeacherResult] | None = None
        self.picture = linear_image_to_srgb(divide_alpha(self._face_morphed(neutral_pose())))

    @classmethod
    def load(cls, folder: Path, *, threads: int | None = None, loader: Loader | None = None) -> Self:
        """Load a student as THA4's distiller leaves it.

        Args:
            folder: with ``character_model.yaml``.
            threads: for one inference; None leaves it to ONNX Runtime.
            loader: makes the networks, such as :func:`kuchipaku_tha.teacher_torch.torch_loader`; of ONNX Runtime when
                absent.

        Raises:
            WeightsError: a file is missing, damaged, or not of a student.
            PictureError: the picture cannot be used.
        """
        files = read_student_folder(folder)
        loader = loader or graphs.loader(threads)
        paths = {"face_morpher": files.face_morpher, "body_morpher": files.body_morpher}
        networks = {name: load_tha4(name, path, loader, STUDENT_ADVICE) for name, path in paths.items()}
        return cls(networks, load_picture(files.picture), weights_identity("tha4", [*paths.values(), files.picture]))

    def twin(self) -> Self:
        """Another student on the same networks, for another thread: its cache is its own."""
        return type(self)(self._networks, self._drawn, self.identity)

    def set_picture(self, image: LinearImage) -> None:
        """Accept :attr:`picture`; the student knows no other.

        Args:
            image: float32 of shape (4, 512, 512), linear light, straight alpha, [-1, 1].

        Raises:
            PictureError: it is another picture.
        """
        if not np.array_equal(image, srgb_to_linear_image(self.picture)):
            raise PictureError("A THA4 student draws the picture of its own folder alone, as it is and unmoved.")

    def face(self, pose: Pose) -> FaceResult:
        """Morph the face alone; rotation and breathing are ignored. There are no layers: it is drawn as a whole."""
        return FaceResult(divide_alpha(self._face_morphed(pose))[:, *FACE_REGION])

    def pose(self, pose: Pose) -> TeacherResult:
        """The picture in a pose.

        ``color_change_alpha`` is the same for all four channels, and not held to [0, 1]. ``grid_change`` tells how the
        character moves: where the student fetches its colour from somewhere else, as
        :func:`kuchipaku_tha.tha4.displacement.steady_displacement` explains, it is not what ``warped`` was made with.
        """
        key = pose.tobytes()
        if self._posed is None or self._posed[0] != key:
            self._posed = key, self._turn(self._face_morphed(pose), pose)
        return self._posed[1]

    def _face_morphed(self, pose: Pose) -> LinearImage:
        """The picture with its face in the pose, colour multiplied by alpha."""
        key = pose[: ROTATION.start].tobytes()
        if self._face is None or self._face[0] != key:
            image = self._source.copy()
            (face,) = self._networks["face_morpher"](np.ascontiguousarray(pose[None, : ROTATION.start], np.float32))
            image[:, FACE_ROWS, FACE_COLUMNS] = face[0]
            self._face = key, image
        return self._face[1]

    def _turn(self, face_morphed: LinearImage, pose: Pose) -> TeacherResult:
        inputs = face_morphed[None], np.ascontiguousarray(pose[None], np.float32)
        image, grid_change, warped, alpha = (output[0] for output in self._networks["body_morpher"](*inputs))
        straight = divide_alpha(image)
        return TeacherResult(
            straight,
            steady_displacement(grid_change, (straight[3] + 1) * np.float32(0.5)),
            divide_alpha(face_morphed),
            divide_alpha(warped),
            np.broadcast_to(alpha, image.shape),
        )


def multiply_alpha(image: LinearImage) -> NDArray[np.float32]:
    """Straight alpha to colour multiplied by alpha, both in linear light and [-1, 1], float32 (4, height, width)."""
    unit = (image + 1) * np.float32(0.5)
    unit[:3] *= unit[3]
    return unit * np.float32(2) - 1


def divide_alpha(image: NDArray[np.float32]) -> LinearImage:
    """The other way round; values are clipped, and what is transparent becomes black."""
    unit: NDArray[np.float32] = np.clip((image + 1) * np.float32(0.5), 0, 1)
    visible = unit[3] > _LEAST_ALPHA
    np.divide(unit[:3], unit[3], out=unit[:3], where=visible)
    unit[:3, ~visible] = 0
    np.minimum(unit, 1, out=unit)
    return unit * np.float32(2) - 1
