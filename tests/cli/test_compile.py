"""Bad input to `kuchipaku compile`. The compiler itself is tested in tests/tha."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from kuchipaku_tha.character import PICTURE_FILE, Character
from tests.cli.conftest import Command


def opaque(path: Path) -> None:
    Image.new("RGB", (512, 512), "pink").save(path)


def not_a_picture(path: Path) -> None:
    path.write_text("hello", encoding="utf-8")


def one_pixel(path: Path) -> None:
    Image.new("RGBA", (1, 1)).save(path)


def enormous(path: Path) -> None:
    Image.new("LA", (20_000, 20_000)).save(path, compress_level=1)


def animated(path: Path) -> None:
    frames = [Image.new("RGBA", (512, 512), (index, 0, 0, 128)) for index in range(2)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (opaque, "no transparent background"),
        (not_a_picture, "not a picture"),
        (one_pixel, "1×1"),
        (enormous, "too large"),
        (animated, "animated"),
    ],
)
def test_unusable_pictures_are_refused_at_once(command: Command, tmp_path: Path, make: object, message: str) -> None:
    assert callable(make)
    make(tmp_path / "picture.png")
    outcome = command("compile", tmp_path / "picture.png", "--name", "new")
    assert outcome.exit_code == 1
    assert message in outcome.err


def test_a_truncated_picture_is_refused(command: Command, character: Character, tmp_path: Path) -> None:
    content = (character.folder / PICTURE_FILE).read_bytes()
    (tmp_path / "half.png").write_bytes(content[: len(content) // 2])
    outcome = command("compile", tmp_path / "half.png", "--name", "new")
    assert outcome.exit_code == 1
    assert "cut off" in outcome.err


def test_names_that_cannot_be_folders_are_refused(command: Command, character: Character) -> None:
    for name in ("../up", "Big", "", "a" * 41):
        outcome = command("compile", character.folder / PICTURE_FILE, "--name", name)
        assert outcome.exit_code == 1
        assert "cannot be a character's name" in outcome.err


def test_an_existing_character_is_not_overwritten(command: Command, character: Character, tmp_path: Path) -> None:
    (tmp_path / "characters" / "mine").mkdir(parents=True)
    outcome = command("compile", character.folder / PICTURE_FILE, "--name", "mine")
    assert outcome.exit_code == 1
    assert "--force" in outcome.err


def test_one_of_picture_and_student_is_needed(command: Command, character: Character, tmp_path: Path) -> None:
    outcome = command("compile", "--name", "new")
    assert outcome.exit_code == 1
    assert "--from-tha4" in outcome.err
    for further in ([character.folder / PICTURE_FILE], ["--head", "180,40,160,170"], ["--remove-background"]):
        outcome = command("compile", "--from-tha4", tmp_path, "--name", "new", *further)
        assert outcome.exit_code == 1
        assert "its own picture" in outcome.err


def test_a_folder_that_holds_no_student_is_refused(command: Command, tmp_path: Path) -> None:
    outcome = command("compile", "--from-tha4", tmp_path, "--name", "new")
    assert outcome.exit_code == 1
    assert "character_model.yaml cannot be read" in outcome.err


def test_a_folder_without_weights_is_refused(command: Command, character: Character, tmp_path: Path) -> None:
    outcome = command("compile", character.folder / PICTURE_FILE, "--name", "new", "--teacher", tmp_path)
    assert outcome.exit_code == 1
    assert "There are no weights at" in outcome.err
