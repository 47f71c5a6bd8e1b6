"""Fixtures that several parts of the test suite share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from kuchipaku.characters import CharacterLibrary
from kuchipaku.paths import bundled_folder
from kuchipaku_tha.character import Character
from kuchipaku_tha.fetch import missing_weights, teacher_folder

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Pictures and recordings beside the checkout that are not part of the repository."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the pictures and recordings of ../shared/data, which are not there")
    return folder


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    """The teacher's published weights."""
    folder = teacher_folder()
    if missing_weights(folder):
        pytest.skip("needs the teacher's weights: kuchipaku models fetch")
    return folder


@pytest.fixture(scope="session")
def library() -> CharacterLibrary:
    """The built-in characters alone."""
    return CharacterLibrary([bundled_folder("characters")])


@pytest.fixture(scope="session")
def character(library: CharacterLibrary) -> Character:
    """A built-in character."""
    return library.load(library.default_name())
