"""What a living character does when nothing happens: blinks, breathes, sways, looks about.

All of it is a function of (seed, time), so any moment can be drawn, in any order, and twice the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kuchipaku.easing import smoothstep
from kuchipaku.noise import SmoothNoise, uniform
from kuchipaku_tha.pose import INDEX

# Streams of randomness.
_BLINK_TIME, _BLINK_DOUBLE, _GAZE_TIME, _GAZE_AWAY, _GAZE_X, _GAZE_Y, _SWAY, _BREATH, _LIVELINESS = range(0, 90, 10)

BLINK_SLOT_S = 3.9
"""Every slot holds one blink at a random place, so that blinks are 1.9 to 5.9 s apart, 3.9 on average."""
BLINK_JITTER_S = 2.0
BLINK_CLOSE_S = 0.075
BLINK_SHUT_S = 0.035
BLINK_OPEN_S = 0.16
"""A spontaneous blink closes in some 75 ms and reopens at half that speed (VanderWerf et al., 2003)."""
DOUBLE_BLINK_CHANCE = 0.15
DOUBLE_BLINK_GAP_S = 0.31

BREATH_PERIOD_S = 3.6

GAZE_SLOT_S = 1.9
GAZE_JITTER_S = 1.2
GAZE_AWAY_CHANCE = 0.35
SACCADE_S = 0.06
GAZE_REACH = np.array([0.22, 0.38])
"""How far irises stray: up and down, left and right."""
GAZE_HEAD_S = 0.6
"""Time in which the head follows the eyes."""
GAZE_HEAD = np.array([0.12, 0.16])

SWAY_NAMES = ("head_x", "head_y", "neck_z", "body_y", "body_z")
SWAY_INDICES = np.array([INDEX[name] for name in SWAY_NAMES])
SWAY_REACH = np.array([0.22, 0.3, 0.28, 0.3, 0.25])
SPEECH_REACH = np.array([0.3, 0.25, 0.25, 0.12, 0.1])
"""Added while speaking: quicker and mostly of the head."""


@dataclass(frozen=True, slots=True)
class IdleState:
    """Idle movement at one moment.

    Attributes:
        blink: closing of both lids, 0 open to 1 shut.
        breathing: 0 to 1.
        gaze: iris rotation x (up and down) and y (left and right), float64 of shape (2,), [-1, 1].
        liveliness: how readily stress moves head and brows now, 0 to 1.
        sway: values of ``SWAY_NAMES``, float64 of shape (5,), about 0.
    """

    blink: float
    breathing: float
    gaze: NDArray[np.float64]
    liveliness: float
    sway: NDArray[np.float64]


class Idle:
    """Idle movement of one avatar; two seeds never move alike."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sway = SmoothNoise(seed, _SWAY, len(SWAY_NAMES), low_hz=0.05, high_hz=0.35)
        self._speech_sway = SmoothNoise(seed, _SWAY + 2, len(SWAY_NAMES), low_hz=0.5, high_hz=1.6)
        self._breath = SmoothNoise(seed, _BREATH, 1, low_hz=0.03, high_hz=0.1)

        self._liveliness = SmoothNoise(seed, _LIVELINESS, 1, low_hz=0.2, high_hz=0.7)

    def at(self, t_s: float, speaking: float = 0.0) -> IdleState:
        """Idle movement at a moment; ``speaking`` in [0, 1] makes the head livelier."""
        gaze, head = self._gaze(t_s)
        sway = self._sway.at(t_s) * SWAY_REACH
        sway += self._speech_sway.at(t_s) * SPEECH_REACH * speaking
        sway[:2] += head
        liveliness = float(np.clip(0.4 + self._liveliness.at(t_s)[0], 0.0, 1.0))
        return IdleState(self._blink(t_s), self._breathing(t_s), gaze, liveliness, sway)

    def _blink(self, t_s: float) -> float:
        slot = math.floor(t_s / BLINK_SLOT_S)
        return max(self._blink_of(slot - 1, t_s), self._blink_of(slot, t_s))

    def _blink_of(self, slot: int, t_s: float) -> float:
        start_s = slot * BLINK_SLOT_S + BLINK_JITTER_S * uniform(self._seed, _BLINK_TIME, slot)
        closing = blink_curve(t_s - start_s)
        if uniform(self._seed, _BLINK_DOUBLE, slot) < DOUBLE_BLINK_CHANCE:
            closing = max(closing, blink_curve(t_s - start_s - DOUBLE_BLINK_GAP_S))
        return closing

    def _breathing(self, t_s: float) -> float:
        phase = 2 * math.pi * (t_s / BREATH_PERIOD_S + 0.25 * self._breath.at(t_s)[0])
        return 0.5 - 0.5 * math.cos(phase - 0.35 * math.sin(phase))

    def _gaze(self, t_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        slot = math.floor(t_s / GAZE_SLOT_S)
        if t_s < self._gaze_start_s(slot):
            slot -= 1
        since_s = t_s - self._gaze_start_s(slot)
        old, new = self._gaze_target(slot - 1), self._gaze_target(slot)
        gaze = old + (new - old) * smoothstep(since_s / SACCADE_S)
        head = old + (new - old) * smoothstep(since_s / GAZE_HEAD_S)
        return gaze * GAZE_REACH, head * GAZE_HEAD

    def _gaze_start_s(self, slot: int) -> float:
        return slot * GAZE_SLOT_S + GAZE_JITTER_S * uniform(self._seed, _GAZE_TIME, slot)

    def _gaze_target(self, slot: int) -> NDArray[np.float64]:
        if uniform(self._seed, _GAZE_AWAY, slot) >= GAZE_AWAY_CHANCE:
            return np.zeros(2)
        return 2.0 * np.array([uniform(self._seed, stream, slot) for stream in (_GAZE_X, _GAZE_Y)]) - 1.0


def blink_curve(since_s: float) -> float:
    """Closing of the lids, 0 to 1, a time after a blink began."""
    opening_s = since_s - BLINK_CLOSE_S - BLINK_SHUT_S
    return smoothstep(since_s / BLINK_CLOSE_S) * (1.0 - smoothstep(opening_s / BLINK_OPEN_S))
