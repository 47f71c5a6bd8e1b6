from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kuchipaku_tha.character import CharacterFacts
from kuchipaku_tha.colour import LinearImage, srgb_to_linear_image
from kuchipaku_tha.compiler import compile_source
from kuchipaku_tha.errors import PictureError, WeightsError
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.placement import IDENTITY
from kuchipaku_tha.pose import HIGH, LOW, Pose, neutral_pose, pose_from
from kuchipaku_tha.published import Network, expected_shapes
from kuchipaku_tha.quality import CompileSettings
from kuchipaku_tha.teacher import FACE_REGION, Teacher
from kuchipaku_tha.teachers import load_teacher
from kuchipaku_tha.tha4.student import CREDIT, FACE_COLUMNS, FACE_ROWS, Tha4Student, divide_alpha, multiply_alpha
from tests.tha.archives import archive, state_dict_archive

GRID_TOLERANCE = 1e-4
COLOUR_TOLERANCE = 5e-3
"""Of colour multiplied by alpha: dividing by a small alpha magnifies rounding."""


@pytest.fixture(scope="session")
def lambda_folder(shared_data: Path) -> Path:
    folder = shared_data / "tha4" / "lambda_00"
    if not folder.is_dir():
        pytest.skip("needs the student in ../shared/data/tha4/lambda_00, which is not there")
    return folder


@pytest.fixture(scope="session")
def random_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student that has learnt nothing."""
    rng = np.random.default_rng(3)
    folder = tmp_path_factory.mktemp("student")
    for name in ("face_morpher", "body_morpher"):
        tensors = {
            tensor: (rng.uniform(-1, 1, shape) * (6 / (shape[1] if len(shape) > 1 else 100)) ** 0.5 / 30).astype("f4")
            for tensor, shape in expected_shapes()[f"tha4/{name}"].items()
        }
        (folder / f"{name}.pt").write_bytes(state_dict_archive(tensors))
    picture = np.zeros((512, 512, 4), np.uint8)
    picture[100:, 150:362] = (30, 90, 200, 255)
    cv2.imwrite(str(folder / "character.png"), picture)
    folder.joinpath("character_model.yaml").write_text(
        "character_image_file_name: character.png\n"
        "face_morpher_file_name: face_morpher.pt\n"
        "body_morpher_file_name: body_morpher.pt\n",
        encoding="utf-8",
    )
    return folder


def random_pose(seed: int) -> Pose:
    return np.random.default_rng(seed).uniform(LOW, HIGH).astype(np.float32)


def assert_alike(folder: Path, seeds: range) -> None:
    from kuchipaku_tha.teacher_torch import torch_loader

    student, reference = Tha4Student.load(folder), Tha4Student.load(folder, loader=torch_loader())
    assert student.identity == reference.identity
    for pose in map(random_pose, seeds):
        got, wanted = student.pose(pose), reference.pose(pose)
        np.testing.assert_allclose(got.grid_change, wanted.grid_change, rtol=0, atol=GRID_TOLERANCE)
        np.testing.assert_allclose(got.color_change_alpha, wanted.color_change_alpha, rtol=0, atol=GRID_TOLERANCE)
        for image, expected in (
            (got.image, wanted.image),
            (got.warped, wanted.warped),
            (student.face(pose).crop, reference.face(pose).crop),
        ):
            np.testing.assert_allclose(multiply_alpha(image), multiply_alpha(expected), rtol=0, atol=COLOUR_TOLERANCE)


@pytest.mark.torch
def test_both_engines_agree_on_a_student(lambda_folder: Path) -> None:
    pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
    assert_alike(lambda_folder, range(1))


@pytest.mark.torch
def test_both_engines_agree_on_random_weights(random_folder: Path) -> None:
    pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
    assert_alike(random_folder, range(1))


def colour_difference(one: LinearImage, other: LinearImage) -> float:
    return float(np.abs(multiply_alpha(one) - multiply_alpha(other)).mean())


def test_a_student_draws_its_character(lambda_folder: Path) -> None:
    student = Tha4Student.load(lambda_folder)
    source = srgb_to_linear_image(student.picture)
    student.set_picture(source)
    rest = student.pose(neutral_pose())
    assert colour_difference(rest.image, source) < 0.01
    face = student.face(neutral_pose())
    assert face.layers is None
    assert colour_difference(face.crop, source[:, *FACE_REGION]) < 0.005
    np.testing.assert_array_equal(face.crop, rest.face_morphed[:, *FACE_REGION])
    closed = student.face(pose_from({"eye_wink_left": 1, "eye_wink_right": 1}))
    assert np.abs(closed.crop - face.crop).max() > 0.5
    turned = student.pose(pose_from({"head_y": 1}))
    on_character = rest.image[3] > 0.9
    assert np.abs(turned.grid_change[0] - rest.grid_change[0])[on_character].max() * 256 > 5


def test_what_a_student_gives_is_like_what_a_teacher_gives(random_folder: Path) -> None:
    student = Tha4Student.load(random_folder)
    result = student.pose(random_pose(0))
    for image in (result.image, result.face_morphed, result.warped):
        assert image.shape == (4, 512, 512)
        assert image.dtype == np.float32
        assert image.min() >= -1
        assert image.max() <= 1
    assert result.grid_change.shape == (2, 512, 512)
    assert result.color_change_alpha.shape == (4, 512, 512)
    assert student.face(random_pose(0)).crop.shape == (4, 192, 192)
    assert isinstance(load_teacher(random_folder), Tha4Student)


def test_a_character_is_compiled_from_a_student(random_folder: Path, tmp_path: Path) -> None:
    student = Tha4Student.load(random_folder, threads=1)
    character = compile_source(
        student.picture,
        IDENTITY,
        "learnt",
        tmp_path / "learnt",
        teacher=student,
        settings=CompileSettings(face_samples=4, turn_samples=4, fit_percent=1),
        facts=CharacterFacts("Learnt", morph_credit=CREDIT, morph_licence=""),
        samples_root=tmp_path / "samples",
    )
    assert character.facts.teacher == student.identity
    assert (character.facts.morph_credit, character.facts.morph_licence) == (CREDIT, "")
    np.testing.assert_array_equal(character.picture, student.picture)
    np.testing.assert_array_equal(character.morpher().render(neutral_pose()), premultiply(student.picture))


@pytest.mark.teacher
def test_other_folders_hold_the_teacher(weights_folder: Path) -> None:
    assert isinstance(load_teacher(weights_folder, threads=1), Teacher)


class CountingNetworks:
    """Networks that draw nothing, and count how often each is asked to."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def student(self) -> Tha4Student:
        networks = {name: self._network(name) for name in ("face_morpher", "body_morpher")}
        return Tha4Student(networks, np.zeros((512, 512, 4), np.uint8), "counting")

    def _network(self, name: str) -> Network:
        def run(*_inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
            self.calls.append(name)
            if name == "face_morpher":
                return (np.ones((1, 4, 128, 128), np.float32),)
            return tuple(np.zeros((1, channels, 512, 512), np.float32) for channels in (4, 2, 4, 1))

        return run

    def new_calls(self) -> list[str]:
        calls, self.calls = self.calls, []
        return calls


def test_only_what_changes_is_computed_again() -> None:
    networks = CountingNetworks()
    student = networks.student()
    assert networks.new_calls() == ["face_morpher"]
    student.pose(neutral_pose())
    student.pose(neutral_pose())
    assert networks.new_calls() == ["body_morpher"]
    student.pose(pose_from({"head_x": 1}))
    assert networks.new_calls() == ["body_morpher"]
    student.face(pose_from({"mouth_aaa": 1}))
    assert networks.new_calls() == ["face_morpher"]
    twin = student.twin()
    assert twin.identity == "counting"
    networks.new_calls()
    twin.face(pose_from({"mouth_aaa": 1}))
    assert networks.new_calls() == ["face_morpher"]


def test_the_face_is_drawn_where_the_student_learnt_it() -> None:
    student = CountingNetworks().student()
    morphed = student.pose(neutral_pose()).face_morphed
    expected = np.full((4, 512, 512), -1, np.float32)
    expected[:, FACE_ROWS, FACE_COLUMNS] = 1
    np.testing.assert_array_equal(morphed, expected)
    np.testing.assert_array_equal(student.face(neutral_pose()).crop, expected[:, *FACE_REGION])


def test_a_student_knows_no_other_picture() -> None:
    student = CountingNetworks().student()
    with pytest.raises(PictureError, match="its own folder alone"):
        student.set_picture(np.ones((4, 512, 512), np.float32))
    with pytest.raises(PictureError, match="512×512 pixels, not 300×400"):
        Tha4Student({}, np.zeros((400, 300, 4), np.uint8))


def test_alpha_is_multiplied_and_divided() -> None:
    image = np.array([[[0.0]], [[0.5]], [[-1.0]], [[0.2]]], np.float32)
    np.testing.assert_allclose(divide_alpha(multiply_alpha(image)), image, atol=1e-6)
    clear = np.array([[[1.0]], [[1.0]], [[1.0]], [[-1.0]]], np.float32)
    np.testing.assert_array_equal(divide_alpha(clear), np.full((4, 1, 1), -1, np.float32))


@pytest.mark.parametrize("name", ["face_morpher.pt", "body_morpher.pt"])
def test_bad_weights_name_the_file(name: str, random_folder: Path, tmp_path: Path) -> None:
    for path in random_folder.iterdir():
        tmp_path.joinpath(path.name).write_bytes(path.read_bytes())
    sound = (random_folder / name).read_bytes()
    canary = tmp_path / "canary"
    hostile = archive(f"cos\nsystem\n(S'touch {canary}'\ntR.".encode(), {})
    other = "body_morpher.pt" if name == "face_morpher.pt" else "face_morpher.pt"
    for content in (sound[:-1000], hostile, b"", (random_folder / other).read_bytes()):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WeightsError, match=name.replace(".", r"\.")) as caught:
            Tha4Student.load(tmp_path)
        assert "distiller" in str(caught.value)
    assert not canary.exists()
