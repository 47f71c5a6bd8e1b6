"""The 28 go-emotions labels as faces, and how one face becomes the next.

Labels: D. Demszky et al., "GoEmotions: A Dataset of Fine-Grained Emotions", 2020. The faces are ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kuchipaku.easing import fade
from kuchipaku.types import EmotionCue
from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.pose import INDEX, Pose, neutral_pose, parameter_index

BLEND_S = 0.35
"""Time in which a face changes."""

# A name without _left or _right sets both sides.
_FACES: dict[str, dict[str, float]] = {
    "admiration": {
        "eyebrow_raised": 0.6,
        "eyebrow_happy": 0.4,
        "eye_surprised": 0.3,
        "mouth_eee": 0.4,
        "mouth_raised_corner": 0.8,
        "head_x": 0.15,
    },
    "amusement": {
        "eyebrow_happy": 0.8,
        "eye_happy_wink": 1.0,
        "mouth_eee": 0.65,
        "mouth_raised_corner": 0.9,
        "neck_z": 0.2,
    },
    "anger": {
        "eyebrow_angry": 1.0,
        "eyebrow_lowered": 0.5,
        "eye_unimpressed": 0.3,
        "eye_raised_lower_eyelid": 0.5,
        "mouth_lowered_corner": 1.0,
        "head_x": -0.15,
    },
    "annoyance": {
        "eyebrow_angry": 0.6,
        "eyebrow_serious": 0.4,
        "eye_unimpressed": 0.7,
        "mouth_lowered_corner": 0.7,
        "neck_z": -0.15,
    },
    "approval": {
        "eyebrow_happy": 0.5,
        "eye_relaxed": 0.12,
        "mouth_raised_corner": 1.0,
        "head_x": -0.12,
    },
    "caring": {
        "eyebrow_troubled": 0.4,
        "eyebrow_happy": 0.4,
        "eye_relaxed": 0.2,
        "mouth_raised_corner": 0.9,
        "neck_z": 0.25,
    },
    "confusion": {
        "eyebrow_troubled": 0.5,
        "eyebrow_raised_left": 0.7,
        "eyebrow_lowered_right": 0.3,
        "mouth_uuu": 0.4,
        "mouth_lowered_corner": 0.4,
        "neck_z": 0.25,
    },
    "curiosity": {
        "eyebrow_raised": 0.8,
        "eye_surprised": 0.4,
        "mouth_ooo": 0.3,
        "head_x": 0.05,
        "neck_z": -0.3,
    },
    "desire": {
        "eyebrow_happy": 0.3,
        "eyebrow_troubled": 0.3,
        "eye_relaxed": 0.3,
        "eye_raised_lower_eyelid": 0.4,
        "mouth_smirk": 0.4,
        "mouth_raised_corner": 0.6,
        "head_x": -0.1,
    },
    "disappointment": {
        "eyebrow_troubled": 0.7,
        "eye_relaxed": 0.35,
        "iris_rotation_x": -0.2,
        "mouth_lowered_corner": 0.6,
        "head_x": -0.2,
    },
    "disapproval": {
        "eyebrow_serious": 0.9,
        "eyebrow_lowered": 0.4,
        "eye_unimpressed": 0.8,
        "mouth_lowered_corner": 1.0,
        "head_y": 0.18,
    },
    "disgust": {
        "eyebrow_angry": 0.7,
        "eyebrow_lowered": 0.5,
        "eye_raised_lower_eyelid": 0.8,
        "eye_unimpressed": 0.5,
        "mouth_iii": 0.5,
        "mouth_lowered_corner": 1.0,
        "head_y": 0.2,
    },
    "embarrassment": {
        "eyebrow_troubled": 1.0,
        "eye_raised_lower_eyelid": 0.5,
        "iris_rotation_y": 0.4,
        "iris_rotation_x": -0.15,
        "mouth_iii": 0.45,
        "mouth_lowered_corner": 0.2,
        "head_x": -0.2,
        "neck_z": 0.18,
    },
    "excitement": {
        "eyebrow_raised": 0.7,
        "eyebrow_happy": 0.6,
        "eye_surprised": 0.5,
        "mouth_aaa": 0.75,
        "mouth_raised_corner": 1.0,
        "head_x": 0.12,
    },
    "fear": {
        "eyebrow_troubled": 1.0,
        "eyebrow_raised": 0.4,
        "eye_surprised": 0.9,
        "iris_small": 0.2,
        "mouth_eee": 0.6,
        "mouth_lowered_corner": 0.8,
        "body_y": 0.15,
    },
    "gratitude": {
        "eyebrow_happy": 0.7,
        "eye_happy_wink": 1.0,
        "mouth_raised_corner": 1.0,
        "head_x": -0.3,
    },
    "grief": {
        "eyebrow_troubled": 1.0,
        "eye_relaxed": 1.0,
        "mouth_eee": 0.35,
        "mouth_lowered_corner": 1.0,
        "head_x": -0.35,
        "neck_z": -0.15,
    },
    "joy": {
        "eyebrow_happy": 0.9,
        "eyebrow_raised": 0.3,
        "eye_raised_lower_eyelid": 0.6,
        "mouth_aaa": 0.6,
        "mouth_raised_corner": 1.0,
        "head_x": 0.08,
    },
    "love": {
        "eyebrow_happy": 0.8,
        "eyebrow_troubled": 0.25,
        "eye_raised_lower_eyelid": 0.6,
        "eye_relaxed": 0.15,
        "mouth_raised_corner": 1.0,
        "neck_z": 0.25,
    },
    "nervousness": {
        "eyebrow_troubled": 0.9,
        "eye_surprised": 0.3,
        "iris_rotation_y": -0.3,
        "mouth_iii": 0.6,
        "mouth_lowered_corner": 0.5,
        "body_y": 0.1,
    },
    "neutral": {},
    "optimism": {
        "eyebrow_happy": 0.5,
        "eyebrow_raised": 0.4,
        "eye_surprised": 0.15,
        "mouth_eee": 0.3,
        "mouth_raised_corner": 1.0,
        "head_x": 0.18,
    },
    "pride": {
        "eyebrow_serious": 0.3,
        "eyebrow_raised": 0.3,
        "eye_relaxed": 0.35,
        "mouth_smirk": 0.5,
        "mouth_raised_corner": 0.8,
        "head_x": 0.25,
    },
    "realization": {
        "eyebrow_raised": 1.0,
        "eye_surprised": 0.6,
        "mouth_ooo": 0.45,
        "head_x": 0.12,
    },
    "relief": {
        "eyebrow_troubled": 0.3,
        "eyebrow_happy": 0.5,
        "eye_relaxed": 1.0,
        "mouth_uuu": 0.3,
        "mouth_raised_corner": 0.7,
        "head_x": -0.1,
    },
    "remorse": {
        "eyebrow_troubled": 1.0,
        "eye_relaxed": 0.35,
        "iris_rotation_x": -0.4,
        "mouth_lowered_corner": 0.8,
        "head_x": -0.35,
        "head_y": 0.12,
    },
    "sadness": {
        "eyebrow_troubled": 1.0,
        "eye_relaxed": 0.25,
        "iris_rotation_x": -0.2,
        "mouth_lowered_corner": 1.0,
        "head_x": -0.25,
        "neck_z": -0.15,
    },
    "surprise": {
        "eyebrow_raised": 1.0,
        "eye_surprised": 1.0,
        "iris_small": 0.15,
        "mouth_ooo": 0.75,
        "body_y": 0.08,
    },
}

EMOTIONS = tuple(_FACES)


class UnknownEmotionError(BadInputError):
    """There is no emotion of that name."""

    code = "unknown-emotion"


def check_emotion(name: str) -> None:
    """Raise UnknownEmotionError, which lists the labels, unless there is an emotion of that name."""
    if name not in _FACES:
        near = difflib.get_close_matches(name, EMOTIONS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UnknownEmotionError(f"There is no emotion {name!r}.{hint} Emotions: {', '.join(EMOTIONS)}.")


def emotion_face(cues: Sequence[EmotionCue], t_s: float) -> Pose:
    """The face that emotions make at a moment: float32 of shape (45,), within the parameters' ranges.

    Every cue covers those before it as it fades in, so a change in the middle of a change is smooth too.

    Args:
        cues: in order of start; later ones win.
        t_s: the moment.
    """
    face = neutral_pose()
    uncovered = 1.0
    for cue in reversed(cues):
        cover = fade(t_s, cue.start_s, _end_s(cue), BLEND_S, BLEND_S)
        face += uncovered * cover * cue.intensity * TEMPLATES[cue.emotion]
        uncovered *= 1.0 - _arrival(cue, t_s)
        if uncovered <= 0.0:
            break
    return face


def _end_s(cue: EmotionCue) -> float:
    return float("inf") if cue.duration_s is None else cue.start_s + cue.duration_s


def _arrival(cue: EmotionCue, t_s: float) -> float:
    return fade(t_s, cue.start_s, float("inf"), BLEND_S, BLEND_S)


def _template(values: Mapping[str, float]) -> Pose:
    pose = neutral_pose()
    for name, value in values.items():
        sides = (name,) if name in INDEX else (f"{name}_left", f"{name}_right")
        for side in sides:
            pose[parameter_index(side)] = value
    return pose


TEMPLATES: Mapping[str, Pose] = MappingProxyType({name: _template(values) for name, values in _FACES.items()})
"""The pose of every emotion at full intensity."""
