from __future__ import annotations

import numpy as np
import pytest

from benchmarks.poses import KINDS, blink_poses
from kuchipaku.emotions import EMOTIONS
from kuchipaku_tha.pose import HIGH, INDEX, LOW, PARAMETERS


@pytest.mark.parametrize("kind", KINDS)
def test_poses_are_always_the_same_and_within_their_ranges(kind: str) -> None:
    poses = np.stack(KINDS[kind](12))
    assert poses.shape == (12, len(PARAMETERS))
    assert np.array_equal(poses, np.stack(KINDS[kind](12)))
    assert ((poses >= LOW) & (poses <= HIGH)).all()


def test_every_emotion_blinks() -> None:
    poses = np.stack(blink_poses(0))
    assert len(poses) == len(EMOTIONS)
    lids = [INDEX["eye_wink_left"], INDEX["eye_happy_wink_left"]]
    assert (poses[:, lids].sum(axis=1) > 0.3).all()


def test_every_parameter_moves() -> None:
    assert (np.ptp(np.stack(KINDS["wide"](200)), axis=0) > 0.5).all()


def test_live_poses_speak_blink_and_sway() -> None:
    groups = {parameter.group: parameter.index for parameter in PARAMETERS}
    poses = np.stack(KINDS["live"](100))
    for group in groups:
        own = [parameter.index for parameter in PARAMETERS if parameter.group == group]
        assert np.ptp(poses[:, own], axis=0).max() > 0.3, group
