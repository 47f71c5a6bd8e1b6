from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kuchipaku.characters import CharacterLibrary
from kuchipaku_tha.character import FACTS_FILE, MORPH_FILE, Character
from kuchipaku_tha.errors import CharacterError, UnknownCharacterError


@pytest.fixture
def folders(character: Character, tmp_path: Path) -> tuple[Path, Path]:
    """The user's folder and the built-in one, each with characters."""
    user, built_in = tmp_path / "user", tmp_path / "built-in"
    for place in (user / "mine", user / "shared", built_in / "first", built_in / "shared"):
        shutil.copytree(character.folder, place)
    (built_in / "notes").mkdir()
    return user, built_in


def test_characters_of_all_folders_are_found(folders: tuple[Path, Path]) -> None:
    assert CharacterLibrary(folders).names() == ["first", "mine", "shared"]


def test_the_first_folder_counts_where_names_meet(folders: tuple[Path, Path]) -> None:
    assert CharacterLibrary(folders).folder("shared").parent == folders[0]


def test_the_default_is_built_in(folders: tuple[Path, Path]) -> None:
    assert CharacterLibrary(folders).default_name() == "first"


def test_a_character_is_read_again_only_when_it_changed(folders: tuple[Path, Path]) -> None:
    library = CharacterLibrary(folders)
    loaded = library.load("mine")
    assert library.load("mine") is loaded
    facts = folders[0] / "mine" / FACTS_FILE
    facts.write_text(facts.read_text(encoding="utf-8").replace("title = ", 'title = "New" # '), encoding="utf-8")
    assert library.load("mine").title == "New"


def test_a_replaced_character_is_read_again_whatever_its_dates(folders: tuple[Path, Path]) -> None:
    library = CharacterLibrary(folders)
    library.load("mine")
    facts = folders[0] / "mine" / FACTS_FILE
    dates = facts.stat().st_atime_ns, facts.stat().st_mtime_ns
    facts.write_text(facts.read_text(encoding="utf-8").replace("title = ", 'title = "New" # '), encoding="utf-8")
    os.utime(facts, ns=dates)
    assert library.load("mine").title == "New"


def test_lists_and_previews_do_not_read_the_arrays(folders: tuple[Path, Path]) -> None:
    library = CharacterLibrary(folders)
    (folders[0] / "mine" / MORPH_FILE).write_bytes(b"not looked at")
    assert library.facts("mine").title
    assert library.preview_path("mine").is_file()
    with pytest.raises(CharacterError, match="not the file that was compiled"):
        library.load("mine")


def test_only_the_last_used_are_kept(folders: tuple[Path, Path]) -> None:
    library = CharacterLibrary(folders, capacity=1)
    loaded = library.load("mine")
    library.load("first")
    assert library.load("mine") is not loaded


def test_unknown_names_are_answered_with_the_known_ones(folders: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UnknownCharacterError, match="Installed: first, mine, shared"):
        CharacterLibrary(folders).load("../user/mine")
    with pytest.raises(UnknownCharacterError, match="kuchipaku compile"):
        CharacterLibrary([tmp_path / "absent"]).default_name()


def test_a_damaged_character_does_not_hide_the_others(folders: tuple[Path, Path]) -> None:
    (folders[0] / "mine" / FACTS_FILE).write_text("nonsense", encoding="utf-8")
    library = CharacterLibrary(folders)
    with pytest.raises(CharacterError, match="damaged"):
        library.load("mine")
    assert library.load("first").size == (512, 512)
