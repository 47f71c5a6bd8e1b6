"""Character folders: written whole, read with suspicion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kuchipaku_tha import character as folders
from kuchipaku_tha.character import Character, CharacterFacts, load_character, save_character
from kuchipaku_tha.errors import CharacterError, UnknownCharacterError
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.pose import pose_from
from tests.tha.drawings import doll, shifting_data

FACTS = CharacterFacts("Doll", author="us", picture_licence="CC0-1.0", compiled_with={"seed": 3})


@pytest.fixture
def saved(tmp_path: Path) -> Character:
    return save_character(tmp_path / "doll", "doll", doll(), shifting_data(), FACTS)


def test_what_is_saved_is_loaded(saved: Character) -> None:
    again = load_character(saved.folder)
    assert (again.name, again.title, again.size, again.facts) == ("doll", "Doll", (512, 512), FACTS)
    assert again.preview_path.is_file()
    pose = pose_from({"head_y": 0.5, "mouth_aaa": 0.5})
    assert np.array_equal(again.morpher().render(pose), saved.morpher().render(pose))


def test_morphers_of_one_character_are_independent(saved: Character) -> None:
    open_mouth, closed = saved.morpher(), saved.morpher()
    open_mouth.render(pose_from({"mouth_aaa": 1.0}))
    assert np.array_equal(closed.render(pose_from({})), premultiply(doll()))


def test_saving_again_replaces_the_compiled_files_and_keeps_others(saved: Character) -> None:
    (saved.folder / "source.svg").write_text("<svg/>")
    save_character(saved.folder, "doll", doll(), shifting_data(), CharacterFacts("Other"))
    assert load_character(saved.folder).title == "Other"
    assert (saved.folder / "source.svg").is_file()
    assert [path.name for path in saved.folder.parent.iterdir()] == ["doll"]


@pytest.mark.parametrize("name", ["", "Upper", "a/b", "..", "a" * 41, "-x"])
def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CharacterError, match="cannot be a character's name"):
        save_character(tmp_path / "x", name, doll(), shifting_data(), FACTS)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UnknownCharacterError, match="not a character folder"):
        load_character(tmp_path)


@pytest.mark.parametrize("name", [folders.MORPH_FILE, folders.PICTURE_FILE, folders.FACTS_FILE])
@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing"])
def test_a_damaged_file_is_named_and_nothing_loads(saved: Character, name: str, damage: str) -> None:
    path = saved.folder / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    with pytest.raises(CharacterError):
        load_character(saved.folder)


def test_a_later_format_asks_for_another_version(saved: Character) -> None:
    path = saved.folder / folders.FACTS_FILE
    path.write_text(path.read_text().replace("format = 2", "format = 3"))
    with pytest.raises(CharacterError, match="character format 3"):
        load_character(saved.folder)
