"""The whole compile, small, with the real teacher."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kuchipaku_tha.character import Character, load_character
from kuchipaku_tha.colour import linear_image_to_srgb
from kuchipaku_tha.compiler import CompileSettings, compile_character
from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.pose import neutral_pose, pose_from
from kuchipaku_tha.teacher import Teacher

SETTINGS = CompileSettings(face_samples=40, turn_samples=24)

pytestmark = pytest.mark.teacher


@pytest.fixture(scope="module")
def reports() -> list[tuple[str, float, float]]:
    return []


@pytest.fixture(scope="module")
def compiled(
    teacher: Teacher,
    character: Character,
    reports: list[tuple[str, float, float]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Character:
    return compile_character(
        character.folder / "picture.png",
        "tiny",
        tmp_path_factory.mktemp("compiled") / "tiny",
        teacher=teacher,
        settings=SETTINGS,
        progress=lambda *report: reports.append(report),
    )


def psnr_db(picture: np.ndarray, truth: np.ndarray) -> float:
    error = np.mean((picture.astype(float) - truth) ** 2)
    return float(10 * np.log10(255**2 / error))


def test_the_folder_loads_and_rests_as_the_source(compiled: Character) -> None:
    again = load_character(compiled.folder)
    assert np.array_equal(again.morpher().render(neutral_pose()), again.picture)
    assert again.facts.compiled_with == {"face_samples": 40, "turn_samples": 24, "seed": 0}


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
    assert psnr_db(drawn, truth) > psnr_db(compiled.picture[32:224, 160:352], truth) + 1.0


def test_progress_runs_to_the_end(compiled: Character, reports: list[tuple[str, float, float]]) -> None:
    done = [report[1] for report in reports]
    totals = {report[2] for report in reports}
    assert done == sorted(done)
    assert len(totals) == 1
    assert done[-1] == pytest.approx(totals.pop())
    assert len({report[0] for report in reports}) >= 5


def test_a_useless_picture_leaves_nothing_behind(teacher: Teacher, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"no picture")
    with pytest.raises(PictureError):
        compile_character(picture, "broken", tmp_path / "broken", teacher=teacher, settings=SETTINGS)
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"]
