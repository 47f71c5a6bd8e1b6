from __future__ import annotations

import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kuchipaku_tha import graphs
from kuchipaku_tha.colour import LinearImage, srgb_to_linear_image
from kuchipaku_tha.errors import WeightsError
from kuchipaku_tha.fetch import THA3
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.pose import HIGH, LOW, Pose, neutral_pose, pose_from
from kuchipaku_tha.published import Network
from kuchipaku_tha.teacher import BROW_IN_FACE, FACE_REGION, NETWORK_NAMES, FaceResult, Teacher
from tests.tha.conftest import Reference

REPOSITORY = Path(__file__).resolve().parents[2]
OWN_PICTURES = sorted(REPOSITORY.glob("characters/*/picture.png"))[:1]
SHARED_PICTURES = sorted(REPOSITORY.parent.glob("shared/data/characters/*.png"))
TORCH_TOLERANCE = 1e-4
ONNX_TOLERANCE = 2e-3


def read(path: Path) -> StraightRgba:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA).astype(np.uint8)


def random_pose(seed: str) -> Pose:
    return np.random.default_rng(zlib.crc32(seed.encode())).uniform(LOW, HIGH).astype(np.float32)


def all_outputs(teacher: Teacher, pose: Pose) -> list[NDArray[np.float32]]:
    result, face = teacher.pose(pose), teacher.face(pose)
    return [result.image, result.color_change_alpha, result.warped, result.grid_change, face.crop, *all_layers(face)]


def all_layers(face: FaceResult) -> list[NDArray[np.float32]]:
    assert face.layers is not None
    layers, brows = face.layers, face.layers.brows
    return [
        *(layers.eye_alpha, layers.eye_color_change, layers.iris_mouth_alpha, layers.iris_mouth_color_change),
        layers.brows_moved[:, *BROW_IN_FACE],
        *(brows.alpha, brows.color_change, brows.grid_change, brows.eyebrows, brows.background),
    ]


REFERENCE_OUTPUTS = [0, 1, 3, 4, 8, 9, 10, 12, 13, 17, 19, 20, 22, 23, 26]
"""Where the published poser has the same outputs."""


@pytest.mark.torch
@pytest.mark.teacher
@pytest.mark.parametrize("path", [*OWN_PICTURES, *SHARED_PICTURES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_both_teachers_match_the_published_code(
    path: Path, teacher: Teacher, torch_teacher: Teacher, reference: Reference
) -> None:
    image = srgb_to_linear_image(read(path))
    pose = random_pose(path.stem)
    outputs = reference(image, pose)
    wanted = [outputs[index] for index in REFERENCE_OUTPUTS]
    for candidate, tolerance in ((torch_teacher, TORCH_TOLERANCE), (teacher, ONNX_TOLERANCE)):
        candidate.set_picture(image)
        for got, expected in zip(all_outputs(candidate, pose), wanted, strict=True):
            np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)


@pytest.mark.shared_data
def test_pictures_of_the_shared_data_are_there(shared_data: Path) -> None:
    assert SHARED_PICTURES, f"{shared_data} holds no pictures to compare the teachers on"


@pytest.mark.teacher
def test_the_morphed_face_is_pasted_into_the_picture(teacher: Teacher) -> None:
    image = srgb_to_linear_image(read(OWN_PICTURES[0]))
    pose = pose_from({"mouth_aaa": 1.0, "head_x": 0.5})
    teacher.set_picture(image)
    face_morphed = teacher.pose(pose).face_morphed
    np.testing.assert_array_equal(face_morphed[:, *FACE_REGION], teacher.face(pose).crop)
    outside = np.ones((512, 512), bool)
    outside[FACE_REGION] = False
    np.testing.assert_array_equal(face_morphed[:, outside], image[:, outside])
    assert np.abs(teacher.face(pose).crop - image[:, *FACE_REGION]).max() > 0.1


@pytest.mark.teacher
def test_the_layers_add_up_to_the_face(teacher: Teacher) -> None:
    teacher.set_picture(srgb_to_linear_image(read(OWN_PICTURES[0])))
    face = teacher.face(random_pose("layers"))
    assert face.layers is not None
    layers = face.layers
    moved = warp(layers.brows_moved, layers.iris_mouth_grid_change)
    moved += layers.iris_mouth_alpha * (layers.iris_mouth_color_change - moved)
    whole = moved + layers.eye_alpha * (layers.eye_color_change - moved)
    np.testing.assert_allclose(whole, face.crop, rtol=0, atol=0.02)


def warp(image: LinearImage, grid_change: NDArray[np.float32]) -> LinearImage:
    """By OpenCV, which knows 32 places between two pixels."""
    size_px = image.shape[1]
    y, x = np.mgrid[:size_px, :size_px].astype(np.float32)
    x, y = x + grid_change[0] * size_px / 2, y + grid_change[1] * size_px / 2
    pixels = np.ascontiguousarray(image.transpose(1, 2, 0))
    warped = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return warped.transpose(2, 0, 1).astype(np.float32)


def faces(size_px: int, *channels: int) -> list[tuple[int, ...]]:
    return [(1, count, size_px, size_px) for count in channels]


OUTPUT_SHAPES: dict[str, list[tuple[int, ...]]] = {
    "eyebrow_decomposer": faces(128, 4, 4),
    "eyebrow_morphing_combiner": faces(128, 4, 2, 4, 1),
    "face_morpher": faces(192, 4, 2, 4, 1, 4, 1),
    "two_algo_face_body_rotator": [(1, 4, 512, 512), (1, 2, 512, 512)],
    "editor": [(1, 4, 512, 512), (1, 2, 512, 512), (1, 4, 512, 512), (1, 4, 512, 512)],
}


class CountingNetworks:
    """Networks that compute nothing, and count how often each is asked to."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getitem__(self, name: str) -> Network:
        def network(*_inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
            self.calls.append(name)
            return tuple(np.zeros(shape, np.float32) for shape in OUTPUT_SHAPES[name])

        return network

    def teacher(self) -> Teacher:
        teacher = Teacher({name: self[name] for name in NETWORK_NAMES})
        teacher.set_picture(np.zeros((4, 512, 512), np.float32))
        return teacher

    def new_calls(self) -> list[str]:
        calls, self.calls = self.calls, []
        return calls


FACE_STAGE = ["eyebrow_morphing_combiner", "face_morpher"]
TURNING_STAGE = ["two_algo_face_body_rotator", "editor"]


def test_only_what_changes_is_computed_again() -> None:
    networks = CountingNetworks()
    teacher = networks.teacher()
    assert networks.new_calls() == ["eyebrow_decomposer"]
    teacher.pose(neutral_pose())
    assert networks.new_calls() == FACE_STAGE + TURNING_STAGE
    teacher.pose(neutral_pose())
    assert networks.new_calls() == []
    teacher.pose(pose_from({"head_y": 0.5}))
    assert networks.new_calls() == TURNING_STAGE
    teacher.face(pose_from({"head_y": -0.5}))
    assert networks.new_calls() == []
    teacher.face(pose_from({"mouth_iii": 0.5}))
    assert networks.new_calls() == FACE_STAGE
    teacher.pose(pose_from({"mouth_iii": 0.5}))
    assert networks.new_calls() == TURNING_STAGE


def test_a_new_picture_forgets_the_old_one() -> None:
    networks = CountingNetworks()
    teacher = networks.teacher()
    teacher.pose(neutral_pose())
    teacher.set_picture(np.ones((4, 512, 512), np.float32))
    networks.new_calls()
    assert teacher.pose(neutral_pose()).face_morphed[0, 0, 0] == 1.0
    assert networks.new_calls() == FACE_STAGE + TURNING_STAGE


def test_the_picture_must_be_set_and_of_the_right_size() -> None:
    teacher = Teacher({})
    with pytest.raises(ValueError, match="set_picture"):
        teacher.pose(neutral_pose())
    with pytest.raises(ValueError, match=r"\(4, 512, 512\)"):
        teacher.set_picture(np.zeros((4, 256, 256), np.float32))


def test_absent_weights_name_the_command_that_fetches_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path))
    monkeypatch.delenv("KUCHIPAKU_TEACHER", raising=False)
    with pytest.raises(WeightsError, match="kuchipaku models fetch"):
        Teacher.load()


def test_every_weight_file_has_its_graph() -> None:
    assert [f"{name}.pt" for name in NETWORK_NAMES] == list(THA3.files)
    assert all(graphs.path(f"separable/{name}").is_file() for name in NETWORK_NAMES)


@pytest.mark.teacher
def test_weights_of_the_users_own_are_used_when_named(
    weights_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path))
    monkeypatch.setenv("KUCHIPAKU_TEACHER", str(weights_folder))
    assert Teacher.load(threads=1).identity == Teacher.load(weights_folder, threads=1).identity
    monkeypatch.setenv("KUCHIPAKU_TEACHER", str(tmp_path))
    with pytest.raises(WeightsError, match="from where it came from"):
        Teacher.load()
