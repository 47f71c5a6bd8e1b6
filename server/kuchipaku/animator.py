"""Composes everything an avatar does at one moment into one pose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kuchipaku.easing import fade, smoothstep
from kuchipaku.emotions import emotion_face
from kuchipaku.gestures import LONGEST_S, gesture_offset
from kuchipaku.idle import SWAY_INDICES, Idle, IdleState
from kuchipaku.mouth import LOOKAHEAD_S, LOOKBACK_S, SpeechMouth, speech_mouth
from kuchipaku.timeline import Timeline
from kuchipaku.types import PoseCue
from kuchipaku.visemes import MORPH_INDICES
from kuchipaku_tha.pose import INDEX, PARAMETERS, Pose, clamp

OVERRIDE_FADE_S = 0.15

_MOUTH_CORNERS = np.array([INDEX[p.name] for p in PARAMETERS if "corner" in p.name or p.name == "mouth_smirk"])
_EYES = np.array([p.index for p in PARAMETERS if p.group == "eye"])
_WINKS = np.array([INDEX["eye_wink_left"], INDEX["eye_wink_right"]])
_HAPPY_WINKS = np.array([INDEX["eye_happy_wink_left"], INDEX["eye_happy_wink_right"]])
_GAZE = np.array([INDEX["iris_rotation_x"], INDEX["iris_rotation_y"]])
_BROWS_RAISED = np.array([INDEX["eyebrow_raised_left"], INDEX["eyebrow_raised_right"]])
_BREATHING = INDEX["breathing"]
_HEAD_X = INDEX["head_x"]

CORNERS_LEFT_WHILE_SPEAKING = 0.4
"""Part of an emotion's mouth corners that stays while the mouth speaks."""
STRESS_BROW = 0.3
STRESS_HEAD = -0.15
"""What a stressed vowel adds to raised brows and to head_x."""

SHUT_SUPPRESSES_BLINK = 1.4
"""Lids that an emotion closes by 1 / 1.4 do not blink at all."""


class Animator:
    """Turns a timeline into poses. Pure: the same timeline, seed and moment give the same pose.

    Layers, from the bottom: emotion, gesture, idle movement, speech, blink, values set from outside. Where two want
    the same part of the face one yields, as in three-vrm's override rules: the emotion's mouth to speech, the blink
    to eyes that smile shut.
    """

    def __init__(self, timeline: Timeline, seed: int) -> None:
        self._timeline = timeline
        self._idle = Idle(seed)

    def pose_at(self, t_s: float) -> Pose:
        """The pose at a moment of the timeline's clock: float32 of shape (45,), within the ranges."""
        cues = self._timeline.visemes.starting_between(t_s - LOOKBACK_S, t_s + LOOKAHEAD_S)
        speech = speech_mouth(t_s, cues)
        idle = self._idle.at(t_s, speech.activity)
        pose = emotion_face(self._timeline.emotions.starting_between(-np.inf, t_s), t_s)
        pose = pose + gesture_offset(t_s, self._timeline.gestures.starting_between(t_s - LONGEST_S, t_s))
        _move(pose, idle)
        _speak(pose, speech)
        _stress(pose, speech.emphasis * idle.liveliness)
        _blink(pose, idle.blink)
        overrides = self._timeline.poses.starting_between(-np.inf, t_s)
        pose = _override(clamp(pose), overrides, t_s)
        pose[_WINKS] = np.minimum(pose[_WINKS], 1.0 - pose[_HAPPY_WINKS])
        return clamp(pose)


def _move(pose: Pose, idle: IdleState) -> None:
    pose[SWAY_INDICES] += idle.sway
    pose[_BREATHING] = idle.breathing
    pose[_GAZE] += idle.gaze


def _speak(pose: Pose, speech: SpeechMouth) -> None:
    pose[MORPH_INDICES] *= 1.0 - speech.activity
    pose[MORPH_INDICES] += speech.morphs
    pose[_MOUTH_CORNERS] *= 1.0 - (1.0 - CORNERS_LEFT_WHILE_SPEAKING) * speech.activity


def _stress(pose: Pose, stress: float) -> None:
    pose[_BROWS_RAISED] += STRESS_BROW * stress
    pose[_HEAD_X] += STRESS_HEAD * stress


def _blink(pose: Pose, blink: float) -> None:
    """Close the lids; the other eye shapes give way, and eyes that already smile shut do not blink."""
    for side in (0, 1):
        shut = SHUT_SUPPRESSES_BLINK * (pose[_WINKS[side]] + pose[_HAPPY_WINKS[side]])
        closing = blink * (1.0 - smoothstep(shut))
        pose[_EYES[side::2]] *= 1.0 - closing
        pose[_WINKS[side]] += closing


def _override(pose: Pose, cues: Sequence[PoseCue], t_s: float) -> Pose:
    for cue in cues:
        weight = fade(t_s, cue.start_s, cue.end_s, OVERRIDE_FADE_S, OVERRIDE_FADE_S)
        pose[cue.indices] += weight * (cue.values - pose[cue.indices])
    return pose
