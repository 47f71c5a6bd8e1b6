from __future__ import annotations

import json
from pathlib import Path

import pytest

from kuchipaku_tha.character import Character
from tests.cli.conftest import Command


def test_the_report_is_one_json_object_on_the_last_line(
    command: Command, character: Character, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path))
    outcome = command("bench", "--json", "--character", character.name)
    assert outcome.exit_code == 0, outcome.err
    report = json.loads(outcome.out.splitlines()[-1])
    assert report["character"] == character.name
    assert report["machine"]["cpu"]
    assert report["morpher"]["median_ms"] > 0
    assert report["live"]["fps"] > 0
    assert report["peak_memory_mb"] > 50
    assert report["teacher"] is None


def test_an_unknown_character_is_refused(command: Command) -> None:
    outcome = command("bench", "--character", "nobody")
    assert outcome.exit_code == 1
    assert "There is no character 'nobody'" in outcome.err
