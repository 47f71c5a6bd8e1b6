"""`kuchipaku compile` from beginning to end, stopped and repeated; the teacher is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuchipaku_tha.quality import CompileSettings
from kuchipaku_tha.samples import stores
from kuchipaku_tha.teacher import Teacher
from tests.cli.conftest import Command
from tests.tha.drawings import doll, encoded
from tests.tha.drawn_teacher import DrawnTeacher
from tests.tha.test_drawing import LOOKS, Counter

HEAD = ("--head", "192,64,128,128")


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A picture; compiles of it are tiny and keep their samples in the test's own folder."""
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("kuchipaku.cli.compile.fetch_if_missing", lambda: None)
    monkeypatch.setattr("kuchipaku_tha.quality.DRAFT", CompileSettings(10, 4, 1))
    (tmp_path / "doll.png").write_bytes(encoded(doll()))
    return tmp_path / "doll.png"


def teach(monkeypatch: pytest.MonkeyPatch, counter: Counter) -> None:
    monkeypatch.setattr(Teacher, "load", lambda *_folder, threads: DrawnTeacher(counter))


def test_ctrl_c_stops_and_the_same_command_goes_on(
    command: Command, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("compile", picture, "--name", "doll", "--quality", "draft", "--threads", "1", "--anyway", *HEAD)
    teach(monkeypatch, Counter(stop_at=LOOKS + 52))
    stopped = command(*words)
    assert stopped.exit_code == 130
    assert "Stopped; run the same command to go on." in stopped.err
    assert "Traceback" not in stopped.err
    assert not (tmp_path / "characters" / "doll").exists()
    teach(monkeypatch, counter := Counter())
    finished = command(*words)
    assert finished.exit_code == 0, finished.err
    assert f"doll is in {tmp_path / 'characters' / 'doll'}" in finished.out
    assert counter.count == LOOKS + 2 + 5
    teach(monkeypatch, counter := Counter())
    assert command(*words).exit_code == 0
    assert counter.count == 0
    other = command(*words[:4], "--quality", "standard", *HEAD)
    assert other.exit_code == 1
    assert "--force" in other.err


def test_the_cache_is_shown_and_cleared(command: Command, picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    teach(monkeypatch, Counter())
    assert command("compile", picture, "--name", "doll", "--quality", "draft", "--anyway", *HEAD).exit_code == 0
    assert "Pictures: 1." in command("cache", "show").out
    assert "MB freed" in command("cache", "clear").out
    assert stores() == []
    assert "Pictures: 0." in command("cache", "show").out


@pytest.mark.parametrize("head", ["1,2,3", "a,b,c,d", "1,2,0,4", "1,2,3,-4"])
def test_a_head_that_is_no_box_is_refused(command: Command, picture: Path, head: str) -> None:
    outcome = command("compile", picture, "--name", "doll", "--head", head)
    assert outcome.exit_code == 1
    assert "The head" in outcome.err


def test_a_picture_of_which_nothing_good_can_come_is_compiled_only_on_request(
    command: Command, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No eyes are seen where the head is said to be."""
    words = ("compile", picture, "--name", "doll", "--quality", "draft", "--head", "400,400,100,100")
    teach(monkeypatch, Counter())
    refused = command(*words)
    assert refused.exit_code == 1
    for part in ("No pair of open eyes", "Use a picture with open eyes", "--anyway"):
        assert part in refused.err
    assert not (tmp_path / "characters" / "doll").exists()
    assert command(*words, "--anyway").exit_code == 0
    assert command(*words).exit_code == 0
