"""What killed processes left behind is removed when a server starts, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kuchipaku.characters import CharacterLibrary
from kuchipaku.compiling.leftovers import new_pictures_folder, remove_leftovers
from kuchipaku_tha.character import MORPH_FILE, Character
from kuchipaku_tha.character_files import STALE_S, file_clock_s, sha256_of

HALF_WRITTEN = ".mine-0123abcd"


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def characters(character: Character, tmp_path: Path) -> Path:
    """A user's folder with a whole character and one that was being written."""
    folder = tmp_path / "characters"
    for name in ("mine", HALF_WRITTEN):
        shutil.copytree(character.folder, folder / name)
    return folder


def age(path: Path, seconds: float = STALE_S + 60) -> Path:
    written_s = file_clock_s() - seconds
    os.utime(path, (written_s, written_s))
    return path


def test_a_half_written_character_is_none_and_is_removed_when_old(characters: Path) -> None:
    assert CharacterLibrary([characters]).names() == ["mine"]
    age(characters / HALF_WRITTEN, STALE_S - 60)
    remove_leftovers(characters)
    assert (characters / HALF_WRITTEN).is_dir()
    age(characters / HALF_WRITTEN)
    age(characters / "mine")
    remove_leftovers(characters)
    assert [path.name for path in characters.iterdir()] == ["mine"]


def test_files_of_a_replacement_that_did_not_come_about_are_removed(characters: Path) -> None:
    folder = characters / "mine"
    in_force = folder / f"morph-{sha256_of(folder / MORPH_FILE)[:12]}.safetensors"
    (folder / MORPH_FILE).rename(in_force)
    for name in ("morph-0123456789ab.safetensors", "preview-0123456789ab.png", "morph-old.safetensors", "photo.png"):
        (folder / name).write_bytes(b"")
    before = {path.name for path in folder.iterdir()}
    remove_leftovers(characters)
    assert {path.name for path in folder.iterdir()} == before
    for path in folder.iterdir():
        age(path)
    remove_leftovers(characters)
    gone = {"morph-0123456789ab.safetensors", "preview-0123456789ab.png"}
    assert {path.name for path in folder.iterdir()} == before - gone
    assert CharacterLibrary([characters]).load("mine").title


def test_pictures_of_servers_that_are_gone_are_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    own = age(new_pictures_folder())
    gone = own.with_name(f"kuchipaku-compiles-{ended.pid}-abc")
    foreign = own.with_name("kuchipaku-compiles-notes")
    for folder in (gone, foreign):
        folder.mkdir()
        (folder / "picture").write_bytes(b"")
        age(folder)
    remove_leftovers(tmp_path / "absent")
    assert (own.exists(), gone.exists(), foreign.exists()) == (True, False, True)
