from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from kuchipaku_tha.character import PICTURE_FILE, Character
from kuchipaku_tha.pose import PARAMETERS
from tests.cli.conftest import Command


def read_rgba(path: Path) -> NDArray[np.int16]:
    with Image.open(path) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (512, 512))
        return np.asarray(image).astype(np.int16)


def test_list_prints_all_parameters_with_their_ranges(command: Command) -> None:
    lines = command("pose", "--list").out.splitlines()
    for parameter in PARAMETERS:
        assert any(f" {parameter.name} " in line and f" {parameter.low:g} " in line for line in lines)


def test_neutral_pose_is_the_picture_itself(command: Command, character: Character, tmp_path: Path) -> None:
    output = tmp_path / "neutral.png"
    assert command("pose", character.name, "-o", output).exit_code == 0
    drawn, source = read_rgba(output), read_rgba(character.folder / PICTURE_FILE)
    opaque = source[..., 3] == 255
    assert np.abs(drawn - source)[opaque].mean() < 1
    assert np.array_equal(drawn[..., 3] == 0, source[..., 3] == 0)


def test_a_parameter_moves_only_its_part(command: Command, character: Character, tmp_path: Path) -> None:
    neutral, open_mouth = tmp_path / "neutral.png", tmp_path / "open.png"
    command("pose", character.name, "-o", neutral)
    command("pose", character.name, "--set", "mouth_aaa=1", "-o", open_mouth)
    changed = np.abs(read_rgba(neutral) - read_rgba(open_mouth)).max(axis=2) > 30
    rows, columns = np.nonzero(changed)
    assert changed.sum() > 40
    assert np.ptp(rows) < 100
    assert np.ptp(columns) < 100


def test_a_size_can_be_chosen(command: Command, character: Character, tmp_path: Path) -> None:
    output = tmp_path / "large.png"
    assert command("pose", character.name, "--size", "1024", "-o", output).exit_code == 0
    with Image.open(output) as image:
        assert image.size == (1024, 1024)


@pytest.mark.teacher
@pytest.mark.usefixtures("weights_folder")
def test_teacher_and_compiled_character_agree(command: Command, character: Character, tmp_path: Path) -> None:
    compiled, taught = tmp_path / "compiled.png", tmp_path / "taught.png"
    pose = ("--set", "mouth_aaa=0.7", "--set", "head_y=0.4")
    command("pose", character.name, *pose, "-o", compiled)
    command("pose", character.name, *pose, "--teacher", "-o", taught)
    assert np.abs(read_rgba(compiled) - read_rgba(taught)).mean() < 4


@pytest.mark.teacher
@pytest.mark.usefixtures("weights_folder")
def test_a_picture_is_drawn_by_the_teacher(command: Command, character: Character, tmp_path: Path) -> None:
    output = tmp_path / "out.png"
    assert command("pose", character.folder / PICTURE_FILE, "--set", "eye_wink_left=1", "-o", output).exit_code == 0
    assert read_rgba(output)[..., 3].any()


def test_mistakes_say_what_to_do(command: Command, tmp_path: Path) -> None:
    assert "Did you mean 'mouth_aaa'?" in command("pose", "koharu", "--set", "mouth_aa=1").err
    assert "There is no file" in command("pose", tmp_path / "absent.png").err
    assert "finite number" in command("pose", "koharu", "--set", "mouth_aaa=nan").err
    unwritable = command("pose", "koharu", "-o", tmp_path / "no" / "such" / "folder.png")
    assert unwritable.exit_code == 1
    assert "cannot be written" in unwritable.err
