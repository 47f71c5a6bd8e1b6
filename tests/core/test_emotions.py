from __future__ import annotations

import itertools

import numpy as np
import pytest

from kuchipaku.emotions import BLEND_S, EMOTIONS, TEMPLATES, UnknownEmotionError, check_emotion, emotion_face
from kuchipaku.types import EmotionCue
from kuchipaku_tha.pose import HIGH, LOW


def test_there_is_a_face_for_each_of_the_28_labels_and_no_two_are_alike() -> None:
    assert len(EMOTIONS) == 28
    for first, second in itertools.combinations(EMOTIONS, 2):
        assert np.abs(TEMPLATES[first] - TEMPLATES[second]).max() >= 0.15, (first, second)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_faces_are_within_the_ranges(emotion: str) -> None:
    assert (TEMPLATES[emotion] >= LOW).all()
    assert (TEMPLATES[emotion] <= HIGH).all()


def test_an_emotion_fades_in_and_holds() -> None:
    cues = [EmotionCue(1.0, "joy", 0.5)]
    assert not emotion_face(cues, 1.0).any()
    np.testing.assert_allclose(emotion_face(cues, 1.0 + BLEND_S), 0.5 * TEMPLATES["joy"])
    np.testing.assert_allclose(emotion_face(cues, 1000.0), 0.5 * TEMPLATES["joy"])


def test_it_returns_to_neutral_after_its_duration_whatever_came_before() -> None:
    cues = [EmotionCue(0.0, "anger"), EmotionCue(5.0, "joy", 1.0, 2.0)]
    np.testing.assert_allclose(emotion_face(cues, 6.5), TEMPLATES["joy"])
    assert not emotion_face(cues, 7.0 + BLEND_S).any()


def test_changes_in_the_middle_of_changes_are_smooth() -> None:
    cues = [EmotionCue(0.1 * index, emotion) for index, emotion in enumerate(("anger", "joy", "fear", "pride"))]
    faces = np.array([emotion_face([cue for cue in cues if cue.start_s <= t], t) for t in np.arange(0, 1, 1 / 60)])
    assert np.abs(np.diff(faces, axis=0)).max() < 0.12
    np.testing.assert_allclose(faces[-1], TEMPLATES["pride"], atol=1e-6)


def test_an_unknown_emotion_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownEmotionError, match="Did you mean 'surprise'"):
        check_emotion("suprise")
