"""Replacing a character: whoever reads finds the one before or the new one, wherever the replacing stops."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kuchipaku_tha.character import (
    FACTS_FILE,
    MORPH_FILE,
    PICTURE_FILE,
    PREVIEW_FILE,
    CharacterFacts,
    find_preview,
    load_character,
    read_facts,
    save_character,
)
from kuchipaku_tha.errors import CharacterError
from tests.tha.drawings import doll, shifting_data
from tests.tha.records import rewrite_record

PLAIN_NAMES = {FACTS_FILE, MORPH_FILE, PICTURE_FILE, PREVIEW_FILE}
MOVES = 7
"""Three files are parked, the record is replaced, three files go to their places."""


class Killed(BaseException):
    """The end of the process: nothing handles it."""


def save(folder: Path, version: int) -> None:
    """A character whose title, picture and arrays tell the version."""
    picture = doll()
    picture[250:260, 250:260] = (version, 0, 0, 255)
    data = replace(shifting_data(), flow_rest=shifting_data().flow_rest + np.float32(version / 1000))
    save_character(folder, "doll", picture, data, CharacterFacts(str(version)))


def version_of(folder: Path) -> int:
    """The version that all parts agree on."""
    character = load_character(folder)
    version = int(character.title)
    assert int(character.picture[255, 255, 0]) == version
    expected = shifting_data().flow_rest + np.float32(version / 1000)
    assert np.allclose(character.data.flow_rest, expected, atol=1e-4)
    return version


def fail_at(monkeypatch: pytest.MonkeyPatch, move: int, error: BaseException) -> Callable[[], int]:
    """Let a move and all later ones fail. Returns how many were tried."""
    real, count = Path.replace, 0

    def replace_path(source: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count > move:
            raise error
        return real(source, target)

    monkeypatch.setattr(Path, "replace", replace_path)
    return lambda: count


@pytest.mark.parametrize("move", range(MOVES + 1))
def test_wherever_a_replacement_is_killed_one_whole_character_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: int
) -> None:
    folder = tmp_path / "doll"
    save(folder, 1)
    (folder / "source.svg").write_text("<svg/>")
    with monkeypatch.context() as patch:
        tried = fail_at(patch, move, Killed())
        if move < MOVES:
            with pytest.raises(Killed):
                save(folder, 2)
        else:
            save(folder, 2)
            assert tried() == MOVES
    expected = 1 if move < 4 else 2
    assert version_of(folder) == expected
    assert read_facts(folder).title == str(expected)
    with Image.open(find_preview(folder)) as preview:
        assert np.array(preview)[(255 - 16) * 256 // 320, (255 - 96) * 256 // 320, 0] == expected
    save(folder, 3)
    assert version_of(folder) == 3
    assert {path.name for path in folder.iterdir()} == PLAIN_NAMES | {"source.svg"}


@pytest.mark.parametrize("move", range(3))
def test_what_cannot_be_written_leaves_the_one_before_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: int
) -> None:
    folder = tmp_path / "doll"
    save(folder, 1)
    with monkeypatch.context() as patch:
        fail_at(patch, move, OSError(28, "No space left on device"))
        with pytest.raises(CharacterError, match="No space left"):
            save(folder, 2)
    assert version_of(folder) == 1
    assert {path.name for path in folder.iterdir()} == PLAIN_NAMES
    assert [path.name for path in tmp_path.iterdir()] == ["doll"]


def test_files_that_are_being_read_are_replaced_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, which replaces no open file: the record is waited for, the others stay parked."""
    folder = tmp_path / "doll"
    save(folder, 1)
    with monkeypatch.context() as patch:
        fail_at(patch, 4, PermissionError(13, "The file is in use"))
        save(folder, 2)
    assert version_of(folder) == 2
    save(folder, 2)
    assert {path.name for path in folder.iterdir()} == PLAIN_NAMES


def test_readers_get_the_one_before_or_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "doll"
    save(folder, 0)
    done = threading.Event()

    def write() -> None:
        try:
            for version in range(1, 12):
                save(folder, version)
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while not done.is_set():
        seen.append(version_of(folder))
        assert find_preview(folder).parent == folder
        assert int(read_facts(folder).title) >= seen[-1]
    writer.join()
    assert seen == sorted(seen)
    assert version_of(folder) == 11


def test_an_older_folder_is_read_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its record holds no checksum of the preview."""
    folder = tmp_path / "doll"
    save(folder, 1)
    rewrite_record(folder, lambda document: document.pop("preview"))
    assert version_of(folder) == 1
    with monkeypatch.context() as patch:
        fail_at(patch, 3, Killed())
        with pytest.raises(Killed):
            save(folder, 2)
    assert find_preview(folder).name == PREVIEW_FILE
    save(folder, 3)
    assert version_of(folder) == 3


@pytest.mark.parametrize("checksum", ["", "../../secret", 5, None])
def test_a_checksum_that_is_none_is_damage(tmp_path: Path, checksum: object) -> None:
    folder = tmp_path / "doll"
    save(folder, 1)
    table = {} if checksum is None else {"sha256": checksum}
    rewrite_record(folder, lambda document: document.update(picture=table, morph=table, preview=table))
    with pytest.raises(CharacterError, match="damaged"):
        load_character(folder)
