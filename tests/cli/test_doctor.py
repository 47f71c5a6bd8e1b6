from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from kuchipaku_tha.character import FACTS_FILE
from kuchipaku_tha.teacher import NETWORK_NAMES
from tests.cli.conftest import Command


def findings(command: Command) -> tuple[int, bool, dict[str, dict[str, Any]]]:
    outcome = command("doctor", "--json")
    report = json.loads(outcome.out)
    return outcome.exit_code, report["works"], {finding["subject"]: finding for finding in report["findings"]}


def test_a_whole_installation_works(command: Command) -> None:
    exit_code, works, found = findings(command)
    assert (exit_code, works) == (0, True)
    assert found["onnxruntime"]["detail"] == version("onnxruntime")
    assert {"Python", "character koharu", "voices", "web pages", "engine", "teacher's weights", "torch"} <= set(found)


def test_the_table_says_that_it_is_ready(command: Command) -> None:
    assert "Ready: `kuchipaku serve`" in command("doctor").out


def test_missing_weights_are_named_and_do_no_harm(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path))
    exit_code, _, found = findings(command)
    assert exit_code == 0
    assert found["teacher's weights"]["state"] == "optional"
    assert found["teacher's weights"]["remedy"] == "kuchipaku models fetch"


def test_own_weights_are_looked_for_where_they_are_said_to_be(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUCHIPAKU_TEACHER", str(tmp_path))
    exit_code, _, found = findings(command)
    assert exit_code == 0
    assert found["teacher's weights"]["state"] == "broken"
    assert "lacks eyebrow_decomposer.pt" in found["teacher's weights"]["detail"]
    for name in NETWORK_NAMES:
        (tmp_path / f"{name}.pt").touch()
    assert findings(command)[2]["teacher's weights"]["state"] == "ok"


def test_a_damaged_character_is_named_and_does_no_harm(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "characters" / "broken"
    folder.mkdir(parents=True)
    (folder / FACTS_FILE).write_text("format = 1\nname = ", encoding="utf-8")
    exit_code, _, found = findings(command)
    assert exit_code == 0
    assert found["character broken"]["state"] == "broken"
    assert str(folder) in found["character broken"]["remedy"]


def test_a_missing_library_is_named_with_its_remedy(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_scipy(name: str) -> str:
        if name == "scipy":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("kuchipaku.doctor.packages.version", without_scipy)
    exit_code, works, found = findings(command)
    assert (exit_code, works) == (1, False)
    assert found["scipy"]["remedy"].endswith("-m pip install scipy")
