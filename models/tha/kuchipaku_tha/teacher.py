"""The teacher: THA3 on one picture, exact and slow. What the compiled characters are fitted to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha import graphs
from kuchipaku_tha.colour import LinearImage
from kuchipaku_tha.fetch import own_weights_folder, teacher_folder
from kuchipaku_tha.pose import EYEBROW, FACE, ROTATION, Pose
from kuchipaku_tha.published import Loader, Network, load_tha3
from kuchipaku_tha.weights import FETCH_ADVICE, OWN_ADVICE

SIZE_PX: Final = 512
BROW_REGION: Final = (slice(64, 192), slice(192, 320))
"""Rows and columns of the picture that the eyebrow networks see."""
FACE_REGION: Final = (slice(32, 224), slice(160, 352))
"""Rows and columns of the picture that the face morpher sees and replaces."""
BROW_IN_FACE: Final = (slice(32, 160), slice(32, 160))
"""Rows and columns of FACE_REGION that are BROW_REGION."""

NETWORK_NAMES: Final = (
    "eyebrow_decomposer",
    "eyebrow_morphing_combiner",
    "face_morpher",
    "two_algo_face_body_rotator",
    "editor",
)


@dataclass(frozen=True, slots=True)
class BrowLayers:
    """What the face around the brows is made of: BROW_REGION of the picture, which is BROW_IN_FACE of the face.

    The moved brows are ``(1 - alpha) * warp(eyebrows, grid_change) + alpha * color_change``; their own alpha lays
    them over the colour of ``background``, whose alpha stays.

    Attributes:
        background: the face without brows, LinearImage of shape (4, 128, 128); one array for all poses.
        eyebrows: the brows alone at rest, LinearImage of shape (4, 128, 128); one array for all poses.
        grid_change: (2, 128, 128), x then y, displacement of the sampling positions in units of half the region.
        color_change: LinearImage of shape (4, 128, 128).
        alpha: (1, 128, 128) in [0, 1].
    """

    background: LinearImage
    eyebrows: LinearImage
    grid_change: NDArray[np.float32]
    color_change: LinearImage
    alpha: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaceLayers:
    """What a face is made of: FACE_REGION of the picture.

    With ``moved = (1 - iris_mouth_alpha) * warp(brows_moved, iris_mouth_grid_change)
    + iris_mouth_alpha * iris_mouth_color_change``, the face is ``(1 - eye_alpha) * moved + eye_alpha *
    eye_color_change``, in linear light and straight alpha.

    Attributes:
        brows: what was done around the brows.
        brows_moved: the face with its brows in place, LinearImage of shape (4, 192, 192).
        iris_mouth_grid_change: (2, 192, 192), x then y, displacement of the sampling positions in units of half the
            region.
        iris_mouth_color_change: LinearImage of shape (4, 192, 192).
        iris_mouth_alpha: (1, 192, 192) in [0, 1].
        eye_color_change: LinearImage of shape (4, 192, 192).
        eye_alpha: (1, 192, 192) in [0, 1].
    """

    brows: BrowLayers
    brows_moved: LinearImage
    iris_mouth_grid_change: NDArray[np.float32]
    iris_mouth_color_change: LinearImage
    iris_mouth_alpha: NDArray[np.float32]
    eye_color_change: LinearImage
    eye_alpha: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaceResult:
    """The face with brows, eyes, irises and mouth in place, before head and body turn.

    Attributes:
        crop: LinearImage of shape (4, 192, 192): FACE_REGION of the picture.
        layers: what it is made of; None from a teacher that only draws the whole.
    """

    crop: LinearImage
    layers: FaceLayers | None = None


@dataclass(frozen=True, slots=True)
class TeacherResult:
    """Everything about one pose. All arrays are float32 and shared with the teacher's cache: do not write to them.

    Attributes:
        image: the final picture, LinearImage of shape (4, 512, 512).
        grid_change: (2, 512, 512), x then y, displacement of the sampling positions in units of half the picture.
        face_morphed: the picture with the morphed face, before the warp, LinearImage of shape (4, 512, 512).
        warped: ``face_morphed`` sampled at the displaced positions, LinearImage of shape (4, 512, 512).
        color_change_alpha: (4, 512, 512) in [0, 1]: how far ``image`` departs from ``warped``, per channel.
    """

    image: LinearImage
    grid_change: NDArray[np.float32]
    face_morphed: LinearImage
    warped: LinearImage
    color_change_alpha: NDArray[np.float32]


class Teacher:
    """THA3 on one picture at a time, under ONNX Runtime. An instance belongs to one thread at a time.

    What does not change is not computed again: the eyebrows are taken off once per picture, the face is morphed only
    when one of its 39 values changes, and the same pose twice costs nothing.
    """

    def __init__(self, networks: Mapping[str, Network], identity: str = "") -> None:
        """A teacher without a picture.

        Args:
            networks: by their names, ``NETWORK_NAMES``.
            identity: names the weights: teachers of one identity draw the same.
        """
        self._networks = networks
        self.identity = identity
        self._picture: LinearImage | None = None
        self._brow_layers: tuple[NDArray[np.float32], ...] = ()
        self._face: tuple[bytes, FaceResult] | None = None
        self._posed: tuple[bytes, TeacherResult] | None = None

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None) -> Self:
        """Load weights of any of the four published variants.

        Args:
            folder: where the five files are; when absent, where KUCHIPAKU_TEACHER says or where they are fetched to.
            threads: for one inference; None leaves it to ONNX Runtime.

        Raises:
            WeightsError: they are missing, damaged, or not those of these networks.
        """
        return cls._load(folder, graphs.loader(threads))

    @classmethod
    def _load(cls, folder: Path | None, loader: Loader) -> Self:
        folder = folder or own_weights_folder() or teacher_folder()
        advice = FETCH_ADVICE if folder == teacher_folder() else OWN_ADVICE
        paths = {name: folder / f"{name}.pt" for name in NETWORK_NAMES}
        networks = {name: load_tha3(name, path, loader, advice) for name, path in paths.items()}
        return cls(networks, weights_identity("tha3", paths.values()))

    def twin(self) -> Self:
        """Another teacher on the same networks, for another thread: picture and cache are its own."""
        return type(self)(self._networks, self.identity)

    def set_picture(self, image: LinearImage) -> None:
        """Choose the picture that is posed from now on.

        Args:
            image: float32 of shape (4, 512, 512), linear light, straight alpha, [-1, 1]. It is copied.

        Raises:
            ValueError: another shape.
        """
        if image.shape != (4, SIZE_PX, SIZE_PX):
            raise ValueError(f"the teacher poses pictures of shape (4, {SIZE_PX}, {SIZE_PX}), not {image.shape}")
        self._picture = np.array(image, np.float32, order="C")
        self._brow_layers = self._run("eyebrow_decomposer", self._picture[:, *BROW_REGION])
        self._face = self._posed = None

    def face(self, pose: Pose) -> FaceResult:
        """Morph the face alone; rotation and breathing are ignored.

        Raises:
            ValueError: no picture has been set.
        """
        key = pose[: FACE.stop].tobytes()
        if self._face is None or self._face[0] != key:
            self._face = key, self._morph_face(pose)
        return self._face[1]

    def pose(self, pose: Pose) -> TeacherResult:
        """The picture in a pose.

        Raises:
            ValueError: no picture has been set.
        """
        key = pose.tobytes()
        if self._posed is None or self._posed[0] != key:
            self._posed = key, self._turn(self._paste_face(self.face(pose)), pose[ROTATION])
        return self._posed[1]

    def _morph_face(self, pose: Pose) -> FaceResult:
        crop = self._source[:, *FACE_REGION].copy()
        crop[:, *BROW_IN_FACE], *brows = self._run("eyebrow_morphing_combiner", *self._brow_layers, pose[EYEBROW])
        morphed, *layers = self._run("face_morpher", crop, pose[FACE])
        return FaceResult(morphed, FaceLayers(BrowLayers(*self._brow_layers, *brows), crop, *layers))

    def _paste_face(self, face: FaceResult) -> LinearImage:
        image = self._source.copy()
        image[:, *FACE_REGION] = face.crop
        return image

    def _turn(self, face_morphed: LinearImage, rotation: NDArray[np.float32]) -> TeacherResult:
        coarse, coarse_grid_change = self._run("two_algo_face_body_rotator", face_morphed, rotation)
        image, grid_change, warped, alpha = self._run("editor", face_morphed, coarse, coarse_grid_change, rotation)
        return TeacherResult(image, grid_change, face_morphed, warped, alpha)

    @property
    def _source(self) -> LinearImage:
        if self._picture is None:
            raise ValueError("no picture has been set: call set_picture first")
        return self._picture

    def _run(self, network: str, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Run a network on single inputs, giving single outputs."""
        batches = (np.ascontiguousarray(array[None], np.float32) for array in inputs)
        return tuple(output[0] for output in self._networks[network](*batches))


def weights_identity(kind: str, paths: Iterable[Path]) -> str:
    """Names weights by a hash of their files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return f"{kind}-{digest.hexdigest()[:16]}"
