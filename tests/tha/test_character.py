"""Character folders: written whole, read with suspicion."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kuchipaku_tha import character as folders
from kuchipaku_tha.character import Character, CharacterFacts, find_preview, load_character, read_facts, save_character
from kuchipaku_tha.compiled import CompiledMorpher
from kuchipaku_tha.errors import CharacterError, UnknownCharacterError
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.placement import IDENTITY, Placement, to_box
from kuchipaku_tha.pose import pose_from
from tests.tha.drawings import doll, shifting_data
from tests.tha.records import rewrite_record

FACTS = CharacterFacts("Doll", author="us", picture_licence="CC0-1.0", compiled_with={"seed": 3})


@pytest.fixture
def saved(tmp_path: Path) -> Character:
    return save_character(tmp_path / "doll", "doll", doll(), shifting_data(), FACTS)


def test_what_is_saved_is_loaded(saved: Character) -> None:
    again = load_character(saved.folder)
    assert (again.name, again.title, again.size, again.facts) == ("doll", "Doll", (512, 512), FACTS)
    assert find_preview(saved.folder).is_file()
    pose = pose_from({"head_y": 0.5, "mouth_aaa": 0.5})
    assert np.array_equal(again.morpher().render(pose), saved.morpher().render(pose))


def test_morphers_of_one_character_are_independent(saved: Character) -> None:
    open_mouth, closed = saved.morpher(), saved.morpher()
    open_mouth.render(pose_from({"mouth_aaa": 1.0}))
    assert np.array_equal(closed.render(pose_from({})), premultiply(doll()))


def test_what_cannot_be_read_again_replaces_nothing(saved: Character) -> None:
    data = shifting_data()
    data.flow_rest[0, 0, 0] = np.nan
    with pytest.raises(CharacterError):
        save_character(saved.folder, "doll", doll(), data, FACTS)
    assert load_character(saved.folder).facts == FACTS
    assert [path.name for path in saved.folder.parent.iterdir()] == ["doll"]


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


TALL = Placement(0.8, 60.0, -20.0)


@pytest.fixture
def tall(tmp_path: Path) -> Character:
    """The doll on a picture of another shape, placed so that the teacher's box holds a part of it."""
    picture = np.pad(doll(), ((30, 170), (0, 41), (0, 0)))
    return save_character(tmp_path / "tall", "tall", picture, shifting_data(), FACTS, TALL)


def test_a_picture_keeps_its_shape_and_its_placement(tall: Character) -> None:
    again = load_character(tall.folder)
    assert (again.size, again.placement) == ((553, 712), TALL)
    assert np.array_equal(again.picture, tall.picture)
    assert again.teacher_picture().shape == (4, 512, 512)
    assert np.array_equal(again.box, premultiply(to_box(tall.picture, TALL)))
    assert again.morpher("own").render(pose_from({})).shape == (712, 556, 4)
    assert again.morpher().render(pose_from({"head_y": 1.0})).shape == (512, 400, 4)
    assert again.box_morpher().render(pose_from({})).shape == (512, 512, 4)


def test_a_turn_is_as_wide_in_the_picture_as_in_the_box(tall: Character) -> None:
    """10 px of the box, where it reaches: 12.5 px of the picture."""
    drawn = tall.morpher("own").render(pose_from({"head_y": 1.0}))[150, :, 3].astype(float)
    still = tall.morpher("own").render(pose_from({}))[150, :, 3].astype(float)
    columns = np.arange(len(still))
    moved = np.average(columns, weights=still) - np.average(columns, weights=drawn)
    assert moved == pytest.approx(12.5, abs=0.05)


def test_a_placement_for_twice_the_picture_draws_the_same(tmp_path: Path) -> None:
    twice = doll().repeat(2, axis=0).repeat(2, axis=1)
    large = save_character(tmp_path / "large", "large", twice, shifting_data(), FACTS, Placement(0.5, 0, 0))
    small = save_character(tmp_path / "small", "small", doll(), shifting_data(), FACTS)
    for values in ({"mouth_aaa": 1.0}, {"head_y": 0.37}, {"head_y": -0.8, "mouth_aaa": 0.4}):
        drawn = large.morpher("own").render(pose_from(values)).reshape(512, 2, 512, 2, 4).mean(axis=(1, 3))
        difference = np.abs(drawn - small.morpher().render(pose_from(values)))
        assert np.percentile(difference, 99) < 1
        assert difference.mean() < 0.3


def test_a_folder_of_format_1_fills_the_box(saved: Character) -> None:
    def make_older(document: dict[str, Any]) -> None:
        del document["placement"]
        document["format"] = 1

    rewrite_record(saved.folder, make_older)
    assert load_character(saved.folder).placement == IDENTITY


@pytest.mark.parametrize("placement", [{}, {"scale": 0.0, "left_px": 0, "top_px": 0}, {"scale": "a", "left_px": 0}])
def test_a_placement_that_is_none_is_refused(saved: Character, placement: dict[str, object]) -> None:
    rewrite_record(saved.folder, lambda document: document.update(placement=placement))
    with pytest.raises(CharacterError, match="damaged"):
        load_character(saved.folder)


def test_facts_are_read_without_the_arrays(saved: Character) -> None:
    (saved.folder / folders.MORPH_FILE).write_bytes(b"not looked at")
    assert read_facts(saved.folder) == FACTS
    (saved.folder / folders.MORPH_FILE).unlink()
    with pytest.raises(CharacterError, match="missing"):
        read_facts(saved.folder)


def test_morphers_of_one_size_share_what_is_computed_once(saved: Character) -> None:
    first, second = saved.morpher(), saved.morpher(512)
    assert isinstance(first, CompiledMorpher)
    assert isinstance(second, CompiledMorpher)
    assert first.canvas is second.canvas


def test_a_copied_folder_goes_by_its_own_name(saved: Character) -> None:
    copy = saved.folder.with_name("copy")
    shutil.copytree(saved.folder, copy)
    assert load_character(copy).name == "copy"
