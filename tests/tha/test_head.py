"""Finding the head in pictures of any framing, and placing them by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kuchipaku_tha.character import Character
from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.eyes import FaceTeacher
from kuchipaku_tha.head import MIN_CLARITY, find_head, place
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.placement import IDENTITY, TEACHER_HEAD, Box, Placement, place_head, place_whole, to_box
from kuchipaku_tha.teacher import Teacher
from tests.tha.winking_teacher import HAIR, WinkingTeacher, figure


def assert_found(picture: StraightRgba, truth: Box, teacher: FaceTeacher) -> None:
    found = find_head(picture, teacher)
    assert found.how == "eyes"
    assert found.confidence >= MIN_CLARITY
    assert found.box.overlap(truth) > 0.8


@pytest.mark.parametrize(
    ("width", "height", "head_px", "x", "top"),
    [(300, 900, 140, 150, 10), (1600, 900, 150, 1200, 60), (400, 450, 380, 200, 20), (2000, 2000, 90, 600, 900)],
)
def test_heads_are_found_at_the_top_of_a_figure_whatever_the_picture(
    width: int, height: int, head_px: float, x: float, top: float
) -> None:
    picture = figure(width, height, head_px, x=x, top=top)
    assert_found(picture, Box(x - head_px / 2, top, head_px, head_px), WinkingTeacher())


def test_a_head_below_a_tall_hat_is_found() -> None:
    picture = figure(500, 900, 120, x=250, top=250)
    picture[60:270, 220:280] = HAIR
    assert_found(picture, Box(190, 250, 120, 120), WinkingTeacher())


def test_a_head_beside_a_raised_pole_is_found() -> None:
    picture = figure(600, 900, 120, x=250, top=200)
    picture[20:800, 400:420] = HAIR
    picture[500:520, 250:420] = HAIR
    assert_found(picture, Box(190, 200, 120, 120), WinkingTeacher())


def test_without_eyes_the_outline_is_a_guess_of_no_confidence() -> None:
    picture = figure(300, 900, 140, x=150, top=10, eyes=False)
    found = find_head(picture, WinkingTeacher())
    assert (found.how, found.confidence, found.eyes) == ("outline", 0.0, None)
    assert find_head(picture, None).box == found.box
    assert find_head(np.zeros((200, 300, 4), np.uint8), None).box == Box(0, 0, 300, 200)


def test_a_picture_framed_for_the_teacher_keeps_its_framing_after_one_look() -> None:
    teacher = WinkingTeacher()
    assert place(figure(512, 512, 118, x=262, top=70), None, teacher) == IDENTITY
    assert teacher.drawn == 1
    assert place(figure(1024, 1024, 256, x=512, top=128), None, teacher) == Placement(0.5, 0.0, 0.0)


def test_a_square_picture_framed_otherwise_is_placed_by_its_head() -> None:
    placement = place(figure(512, 512, 300, x=200, top=100), None, WinkingTeacher())
    assert placement.head.overlap(Box(50, 100, 300, 300)) > 0.8


def test_a_square_picture_without_a_face_keeps_its_framing() -> None:
    picture = figure(512, 512, 128, x=256, top=64, eyes=False)
    assert place(picture, None, WinkingTeacher()) == place(picture) == IDENTITY


def test_a_given_head_is_taken_without_looking() -> None:
    teacher = WinkingTeacher()
    head = Box(20, 30, 100, 120)
    assert place(figure(300, 400, 128, x=150, top=10), head, teacher) == place_head(head)
    assert teacher.drawn == 0


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (Box(0, 0, 10, 5), "too small"),
        (Box(0, 0, 0, 50), "too small"),
        (Box(0, 0, float("nan"), float("nan")), "too small"),
        (Box(900, 10, 100, 100), "does not lie in the picture"),
        (Box(-2000, -2000, 4000, 4000), "does not lie in the picture"),
    ],
)
def test_a_useless_head_is_refused(head: Box, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        place(figure(300, 400, 128, x=150, top=10), head)


@pytest.mark.teacher
@pytest.mark.shared_data
def test_the_teacher_finds_a_head_that_a_person_framed_alike(shared_data: Path, teacher: Teacher) -> None:
    picture = load_picture(shared_data / "originals" / "renpy_lucy_happy.png")
    placement = place(picture, None, teacher)
    by_hand = Placement(0.752, 94.7, 1.5)
    assert 0.85 < placement.scale / by_hand.scale < 1.15
    assert placement.area_to_box(by_hand.head).overlap(TEACHER_HEAD) > 0.7


@pytest.mark.teacher
def test_the_teacher_finds_a_built_in_head_again(character: Character, teacher: Teacher) -> None:
    picture = load_picture(character.folder / "picture.png")
    assert place(picture, None, teacher) == IDENTITY
    moved = to_box(picture, Placement(0.6, 180, 90))
    found = find_head(moved, teacher)
    assert found.confidence > 0.8
    assert found.box.overlap(Placement(0.6, 180, 90).area_to_box(TEACHER_HEAD)) > 0.75
    assert place(moved) == place_whole(moved)
