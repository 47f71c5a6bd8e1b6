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
    drawing, footprint = report["drawing"], report["footprint"]
    assert drawing["compiled"]["median_ms"] > drawing["same_pose"]["median_ms"] > 0
    assert drawing["ratios"]["warp"] > 0
    assert 0 < footprint["disk_mb"] < 64
    assert footprint["memory_mb"] > 1
    assert footprint["load_ms"] > 0
    assert report["live"]["fps"] > 0
    assert report["peak_memory_mb"] > 50
    assert drawing["others"] == {}


def test_an_unknown_character_is_refused(command: Command) -> None:
    outcome = command("bench", "--character", "nobody")
    assert outcome.exit_code == 1
    assert "There is no character 'nobody'" in outcome.err


def test_a_folder_without_a_student_is_refused(command: Command, tmp_path: Path) -> None:
    outcome = command("bench", "--tha4", tmp_path)
    assert outcome.exit_code == 1
    assert "character_model.yaml" in outcome.err
