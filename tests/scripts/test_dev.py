"""What `scripts/dev.py` installs, and when. Nothing is installed here."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "dev.py"


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, working on an empty repository; commands are collected instead of run."""
    spec = importlib.util.spec_from_file_location("dev", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]", encoding="utf-8")
    monkeypatch.setattr(module, "REPOSITORY", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp.json")
    return module


@pytest.fixture
def commands(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    commands: list[list[str]] = []

    def run(command: list[str], _failure: str) -> None:
        commands.append(command)
        dev.venv_python().parent.mkdir(parents=True, exist_ok=True)
        dev.venv_python().touch()

    monkeypatch.setattr(dev, "run", run)
    return commands


def test_the_first_run_creates_and_installs_and_the_second_does_nothing(
    dev: ModuleType, commands: list[list[str]]
) -> None:
    dev.set_up(set(), set())
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    assert commands[1][-1] == str(dev.REPOSITORY)
    dev.set_up(set(), set())
    assert len(commands) == 2


def test_extras_are_added_to_what_is_there(dev: ModuleType, commands: list[list[str]]) -> None:
    dev.set_up({"dev"}, set())
    dev.set_up({"teacher"}, {"torch==2.13.0"})
    assert commands[-1][-2:] == [f"{dev.REPOSITORY}[dev,teacher]", "torch==2.13.0"]
    dev.set_up(set(), set())
    dev.set_up({"dev"}, set())
    assert len(commands) == 3


def test_a_changed_project_is_installed_again(dev: ModuleType, commands: list[list[str]], tmp_path: Path) -> None:
    dev.set_up({"dev"}, set())
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'new'", encoding="utf-8")
    dev.set_up(set(), set())
    assert commands[-1][-1] == f"{dev.REPOSITORY}[dev]"


def test_an_old_python_is_told_what_to_install(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is 3\.9"):
        dev.check_python()


def test_a_python_without_venv_is_told_what_to_install(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        dev.check_python()
