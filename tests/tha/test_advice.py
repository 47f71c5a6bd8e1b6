"""Each thing that makes a picture worse is noticed, where it is; good pictures pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from kuchipaku_tha.advice import Advice, examine
from kuchipaku_tha.head import place
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.placement import Box, Placement, place_head
from kuchipaku_tha.teacher import Teacher
from tests.tha.winking_teacher import EYE, HAIR, MOUTH, SKIN, WinkingTeacher, figure

HEAD = Box(100, 40, 200, 200)


def good() -> StraightRgba:
    return figure(400, 800, 200, x=200, top=40)


def advice_on(picture: StraightRgba, head: Box = HEAD) -> dict[str, Advice]:
    return {advice.code: advice for advice in examine(picture, place_head(head), WinkingTeacher())}


def test_a_good_picture_passes() -> None:
    assert advice_on(good()) == {}


def haze(picture: StraightRgba) -> None:
    glow = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(glow, (330, 600), (60, 150), 0, 0, 360, 20, -1)
    picture[..., 3] = np.maximum(picture[..., 3], glow)


def translucent(picture: StraightRgba) -> None:
    picture[300:700, :, 3] = np.minimum(picture[300:700, :, 3], 150)


def second_figure(picture: StraightRgba) -> None:
    picture[300:700, 320:390] = HAIR


def specks(picture: StraightRgba) -> None:
    picture[700:704, 330:360] = HAIR


def no_eyes(picture: StraightRgba) -> None:
    picture[(picture == EYE).all(axis=-1)] = SKIN


def no_mouth(picture: StraightRgba) -> None:
    picture[(picture == MOUTH).all(axis=-1)] = SKIN


def hand(picture: StraightRgba) -> None:
    cv2.ellipse(picture, (325, 130), (22, 45), 0, 0, 360, SKIN, -1)


def tilted(picture: StraightRgba) -> None:
    turn = cv2.getRotationMatrix2D((200, 140), 15, 1)
    picture[:] = cv2.warpAffine(picture, turn, (picture.shape[1], picture.shape[0]), flags=cv2.INTER_NEAREST)


@pytest.mark.parametrize(
    ("spoil", "code", "spot"),
    [
        (haze, "haze", (360, 600)),
        (translucent, "translucent", (200, 500)),
        (second_figure, "several-figures", (355, 500)),
        (specks, "loose-pieces", (345, 702)),
        (no_eyes, "no-eyes", (200, 140)),
        (no_mouth, "mouth-still", (200, 212)),
        (hand, "hand-near-head", (325, 130)),
        (tilted, "tilted-head", (200, 140)),
    ],
)
def test_what_is_wrong_is_named_and_marked(
    spoil: Callable[[StraightRgba], None], code: str, spot: tuple[float, float]
) -> None:
    picture = good()
    spoil(picture)
    found = advice_on(picture)
    assert code in found
    area = found[code].area
    assert area is not None
    assert area.left_px <= spot[0] <= area.right_px
    assert area.top_px <= spot[1] <= area.bottom_px
    assert found[code].reason
    assert found[code].remedy


def test_the_worst_comes_first() -> None:
    picture = good()
    specks(picture)
    no_eyes(picture)
    severities = [advice.severity for advice in examine(picture, place_head(HEAD), WinkingTeacher())]
    assert severities == ["error", "hint"]


def test_a_small_head_is_noticed() -> None:
    assert advice_on(figure(300, 400, 40, x=150, top=20), Box(130, 20, 40, 40))["small-head"].severity == "warning"


def test_a_head_that_was_boxed_wrongly_is_noticed() -> None:
    assert "head-too-large" in advice_on(good(), Box(135, 105, 130, 130))
    assert "head-too-small" in advice_on(good(), Box(40, -80, 320, 320))
    assert "off-centre" in advice_on(good(), Box(160, 40, 200, 200))


def test_a_cut_head_and_missing_shoulders_are_noticed() -> None:
    bust = good()[60:250]
    found = advice_on(bust, Box(100, -20, 200, 200))
    assert {"cut-at-the-top", "no-shoulders"} <= set(found)


def test_a_chibi_is_noticed_and_a_bust_is_not_taken_for_one() -> None:
    chibi = good()
    chibi[480:] = 0
    for column in (178, 222):
        cv2.ellipse(chibi, (column, 480), (14, 30), 0, 0, 360, HAIR, -1)
    assert "chibi" in advice_on(chibi)
    bust = good()[:450]
    assert "chibi" not in advice_on(bust)


def test_wings_beyond_the_box_are_noticed() -> None:
    picture = np.pad(good(), ((0, 0), (500, 500), (0, 0)))
    picture[300:400, 100:600] = HAIR
    assert "beyond-the-box" in advice_on(picture, Box(600, 40, 200, 200))


def test_a_second_face_is_noticed() -> None:
    both = np.hstack((good()[:, 90:310], good()[:, 90:310]))
    both[400:450] = HAIR
    found = advice_on(both, Box(10, 40, 200, 200))
    area = found["several-figures"].area
    assert area is not None
    assert area.centre.x_px > 220


def test_without_a_teacher_the_outline_is_checked_alone() -> None:
    picture = good()
    specks(picture)
    no_eyes(picture)
    assert [advice.code for advice in examine(picture, place_head(HEAD))] == ["loose-pieces"]


def test_an_empty_or_misplaced_picture_does_no_harm() -> None:
    assert examine(np.zeros((200, 200, 4), np.uint8), Placement(1, 0, 0)) is not None
    assert "no-eyes" in advice_on(good(), Box(2000, 2000, 100, 100))


@pytest.mark.teacher
@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("renpy_eileen_happy", set()),
        ("mika_163", {"mouth-open", "loose-pieces"}),
        ("mimi_blink", {"no-eyes", "chibi"}),
        ("mimi_neutral", {"mouth-still", "chibi"}),
    ],
)
def test_advice_on_drawn_characters(shared_data: Path, teacher: Teacher, name: str, codes: set[str]) -> None:
    picture = load_picture(shared_data / "characters" / f"{name}.png")
    assert {advice.code for advice in examine(picture, place(picture), teacher)} == codes
