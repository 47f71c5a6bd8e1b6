"""`kuchipaku check` on a good picture, a bad one, and none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kuchipaku_tha.character import PICTURE_FILE, Character
from tests.cli.conftest import Command
from tests.tha.winking_teacher import figure

pytestmark = pytest.mark.usefixtures("weights_folder")


@pytest.mark.teacher
def test_a_good_picture_has_nothing_to_complain_of(command: Command, character: Character, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.png"
    outcome = command("check", character.folder / PICTURE_FILE, "-o", drawn)
    assert outcome.exit_code == 0
    assert "512×512 px. Head: 192,64,128,128" in outcome.out
    assert "Nothing to complain of" in outcome.out
    with Image.open(drawn) as image:
        assert image.width == 512
        assert image.height > 512


@pytest.mark.teacher
def test_findings_come_as_json_too(command: Command, tmp_path: Path) -> None:
    picture = figure(300, 400, 60, x=150, top=20)
    on_white = np.where(picture[..., 3:] > 0, picture[..., :3], np.uint8(255))
    path = tmp_path / "small.jpg"
    Image.fromarray(on_white).save(path, quality=95)
    outcome = command("check", path, "--remove-background", "--head", "120,20,60,60", "--json")
    assert outcome.exit_code == 0
    found = json.loads(outcome.out)
    assert (found["width_px"], found["height_px"]) == (300, 400)
    assert found["head"] == pytest.approx({"left_px": 120, "top_px": 20, "width_px": 60, "height_px": 60})
    small = next(advice for advice in found["advice"] if advice["code"] == "small-head")
    assert small["severity"] == "hint"
    assert small["area"] == pytest.approx(found["head"])


def test_bad_input_is_refused_with_what_to_do(command: Command, character: Character, tmp_path: Path) -> None:
    assert "There is no file" in command("check", tmp_path / "nobody.png").err
    opaque = tmp_path / "opaque.png"
    Image.new("RGB", (300, 300), "white").save(opaque)
    assert "--remove-background" in command("check", opaque).err
    outcome = command("check", character.folder / PICTURE_FILE, "--head", "1,2,three,4")
    assert outcome.exit_code != 0
    assert "LEFT,TOP,WIDTH,HEIGHT" in outcome.err
