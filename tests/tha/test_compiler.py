"""The whole compile, small: once with the real teacher, the rest with one that is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kuchipaku_tha.character import Character, CharacterFacts, load_character
from kuchipaku_tha.colour import linear_image_to_srgb
from kuchipaku_tha.compiler import COMPILER_VERSION, compile_character
from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.placement import TEACHER_HEAD
from kuchipaku_tha.pose import neutral_pose, pose_from
from kuchipaku_tha.progress import Progress, Stage
from kuchipaku_tha.quality import CompileSettings
from kuchipaku_tha.teacher import Teacher
from tests.tha.drawings import doll, encoded
from tests.tha.drawn_teacher import DrawnTeacher
from tests.tha.test_drawing import LOOKS, Counter

SETTINGS = CompileSettings(face_samples=40, turn_samples=24)
TINY = CompileSettings(face_samples=8, turn_samples=6, fit_percent=1)


@pytest.fixture(scope="module")
def reports() -> list[Progress]:
    return []


@pytest.fixture(scope="module")
def compiled(
    teacher: Teacher, character: Character, reports: list[Progress], tmp_path_factory: pytest.TempPathFactory
) -> Character:
    folder = tmp_path_factory.mktemp("compiled")
    return compile_character(
        character.folder / "picture.png",
        "tiny",
        folder / "tiny",
        teacher=teacher,
        settings=SETTINGS,
        listener=reports.append,
        samples_root=folder / "samples",
    )


def psnr_db(picture: np.ndarray, truth: np.ndarray) -> float:
    error = np.mean((picture.astype(float) - truth) ** 2)
    return float(10 * np.log10(255**2 / error))


@pytest.mark.teacher
def test_the_folder_loads_and_rests_as_the_source(compiled: Character) -> None:
    again = load_character(compiled.folder)
    assert np.array_equal(again.morpher().render(neutral_pose()), again.box)
    expected = {"face_samples": 40, "turn_samples": 24, "fit_percent": 100, "seed": 0, "compiler": COMPILER_VERSION}
    assert again.facts.compiled_with == expected


@pytest.mark.teacher
@pytest.mark.parametrize(
    "values",
    [
        {"mouth_aaa": 1.0},
        {"eye_wink_left": 1.0, "eye_wink_right": 1.0},
        {"head_y": 0.6},
        {"neck_z": -0.6, "mouth_ooo": 1.0},
    ],
)
def test_even_a_tiny_compile_is_nearer_to_the_teacher_than_doing_nothing(
    compiled: Character, teacher: Teacher, values: dict[str, float]
) -> None:
    pose = pose_from(values)
    teacher.set_picture(compiled.teacher_picture())
    truth = premultiply(linear_image_to_srgb(teacher.pose(pose).image))[32:224, 160:352]
    drawn = compiled.morpher().render(pose)[32:224, 160:352]
    assert psnr_db(drawn, truth) > psnr_db(compiled.box[32:224, 160:352], truth) + 1.0


@pytest.mark.teacher
def test_progress_runs_to_the_end(compiled: Character, reports: list[Progress]) -> None:
    done = [report.done for report in reports]
    totals = {report.total for report in reports}
    assert done == sorted(done)
    assert len(totals) == 1
    assert done[-1] == pytest.approx(totals.pop())
    assert list(dict.fromkeys(report.stage for report in reports)) == list(Stage)
    assert reports[-1].samples == 1 + 41 + 40 + 1 + 24


def compile_doll(folder: Path, counter: Counter | None = None, **changes: object) -> Character:
    """A tiny compile in a folder of its own: the picture, the character and the samples lie in it."""
    folder.mkdir(exist_ok=True)
    (folder / "doll.png").write_bytes(encoded(doll()))
    options = {"settings": TINY, "facts": CharacterFacts("Doll"), "head": TEACHER_HEAD, "threads": 2} | changes
    return compile_character(
        folder / "doll.png",
        "doll",
        folder / "doll",
        teacher=DrawnTeacher(counter or Counter()),
        samples_root=folder / "samples",
        **options,  # type: ignore[arg-type]
    )


def files(character: Character) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in character.folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = compile_doll(tmp_path / "a", threads=1)
    assert files(compile_doll(tmp_path / "b", threads=3)) == files(first)
    other = compile_doll(tmp_path / "c", settings=CompileSettings(8, 6, 1, seed=1))
    assert files(other)["morph.safetensors"] != files(first)["morph.safetensors"]


@pytest.mark.parametrize("stop_at", [1, 20, 55])
def test_an_interrupted_compile_goes_on_to_the_same_bytes(tmp_path: Path, stop_at: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        compile_doll(tmp_path / "stopped", Counter(stop_at))
    assert not (tmp_path / "stopped" / "doll").exists()
    assert files(compile_doll(tmp_path / "stopped")) == files(compile_doll(tmp_path / "whole"))


def test_what_is_compiled_already_is_returned_at_once(tmp_path: Path) -> None:
    first = compile_doll(tmp_path)
    counter = Counter()
    assert files(compile_doll(tmp_path, counter)) == files(first)
    assert counter.count == 0
    better = compile_doll(tmp_path, counter, settings=CompileSettings(12, 6, 1))
    assert counter.count == LOOKS + 4
    assert better.facts.compiled_with["face_samples"] == 12
    renamed = compile_doll(tmp_path, settings=CompileSettings(12, 6, 1), facts=CharacterFacts("Dolly"))
    assert renamed.title == "Dolly"


def test_a_useless_picture_leaves_nothing_behind(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"no picture")
    with pytest.raises(PictureError):
        compile_character(picture, "broken", tmp_path / "broken", teacher=DrawnTeacher(), samples_root=tmp_path / "s")
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"]
