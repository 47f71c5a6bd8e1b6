from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kuchipaku.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    exit_code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own characters, and every message is one line."""
    monkeypatch.setenv("KUCHIPAKU_CHARACTERS", str(tmp_path / "characters"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs the program in this process, as if its arguments had been typed."""

    def run(*arguments: str | Path) -> Outcome:
        with pytest.raises(SystemExit) as exit_info:
            main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        code = exit_info.value.code
        return Outcome(code if isinstance(code, int) else 0, captured.out, captured.err)

    return run
