"""The poses a character is compiled from."""

from __future__ import annotations

import numpy as np

from kuchipaku_tha.pose import HIGH, LOW, ROTATION
from kuchipaku_tha.sampling import face_poses, probe_poses, turn_poses


def test_every_end_of_every_face_value_is_probed_alone() -> None:
    probes = np.stack(probe_poses())
    assert (np.count_nonzero(probes, axis=1) == 1).all()
    assert (np.abs(probes).max(axis=0)[: ROTATION.start] == 1).all()
    assert len(probes) == 41


def test_faces_stay_within_the_ranges_and_at_rest_elsewhere() -> None:
    poses = face_poses(300, seed=0)
    assert ((poses >= LOW) & (poses <= HIGH)).all()
    assert not poses[:, ROTATION].any()
    assert (poses[:, : ROTATION.start].std(axis=0) > 0).all()


def test_turns_cover_the_range_and_favour_rest() -> None:
    poses = turn_poses(200, seed=0)
    assert ((poses >= LOW) & (poses <= HIGH)).all()
    assert not poses[:, : ROTATION.start].any()
    angles = np.abs(poses[:, ROTATION][:, :5])
    assert angles.max() > 0.95
    assert np.median(angles) < 0.45
    assert np.array_equal(poses, turn_poses(200, seed=0))


def test_few_poses_are_the_first_of_many() -> None:
    assert np.array_equal(face_poses(300, seed=4)[:70], face_poses(70, seed=4))
    for few, many in ((80, 280), (79, 500), (64, 65), (3, 512)):
        assert np.array_equal(turn_poses(many, seed=4)[:few], turn_poses(few, seed=4))
    assert not np.array_equal(face_poses(5, seed=4), face_poses(5, seed=5))
