"""Fitting smooth functions of the pose."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kuchipaku_tha.dense import Schedule, fit_dense
from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.field import FieldDesign, PoseField, fit_field, principal_directions
from kuchipaku_tha.pose import POSE_SIZE, neutral_pose

INPUTS = np.array([39, 40], np.int32)
DESIGN = FieldDesign(components=8, hidden=(32, 32), steps=1500, batch=32, rate=1e-2, decay=0.01)


def bend(poses: NDArray[np.float32]) -> NDArray[np.float32]:
    """A smooth, low-rank, non-linear function of two pose values: (poses, 4, 5)."""
    x, y = poses[:, 39], poses[:, 40]
    ramp = np.arange(20, dtype=np.float32).reshape(4, 5)
    values = x[:, None, None] * ramp + (np.sin(2 * y) * x)[:, None, None] * np.cos(ramp) * 5
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def fitted() -> PoseField:
    rng = np.random.default_rng(0)
    poses = np.zeros((300, POSE_SIZE), np.float32)
    poses[:, INPUTS] = rng.uniform(-1, 1, (300, 2))
    return fit_field(poses, bend(poses), INPUTS, DESIGN, rng)


def test_a_fit_predicts_unseen_poses(fitted: PoseField) -> None:
    poses = np.zeros((50, POSE_SIZE), np.float32)
    poses[:, INPUTS] = np.random.default_rng(7).uniform(-0.9, 0.9, (50, 2))
    truth = bend(poses)
    error = np.stack([fitted(pose) for pose in poses]) - truth
    assert np.sqrt(np.mean(error**2)) < 0.05 * np.sqrt(np.mean(truth**2))


def test_the_neutral_pose_adds_exactly_nothing(fitted: PoseField) -> None:
    assert not fitted(neutral_pose()).any()


def test_values_outside_the_inputs_do_not_matter(fitted: PoseField) -> None:
    pose = neutral_pose()
    pose[0] = 1.0
    assert not fitted(pose).any()


def test_a_field_survives_its_file_form(fitted: PoseField) -> None:
    again = PoseField.from_tensors("f", fitted.tensors("f"))
    pose = neutral_pose()
    pose[INPUTS] = (0.5, -0.3)
    assert np.allclose(again(pose), fitted(pose), atol=0.02)


@pytest.mark.parametrize("name", ["f.inputs", "f.basis", "f.scale", "f.shape", "f.weight.0", "f.bias.1", "f.weight.2"])
def test_arrays_that_do_not_fit_are_refused(fitted: PoseField, name: str) -> None:
    tensors = fitted.tensors("f")
    with pytest.raises(CharacterError, match="Compile the character again"):
        PoseField.from_tensors("f", tensors | {name: tensors[name][..., :-1]})
    with pytest.raises(CharacterError, match="Compile the character again"):
        PoseField.from_tensors("f", {key: value for key, value in tensors.items() if key != name})


def test_numbers_that_are_not_finite_are_refused(fitted: PoseField) -> None:
    tensors = fitted.tensors("f")
    with pytest.raises(CharacterError, match="not finite"):
        PoseField.from_tensors("f", tensors | {"f.basis": np.full_like(tensors["f.basis"], np.nan)})


def test_principal_directions_are_orthonormal_and_complete() -> None:
    samples = np.random.default_rng(3).normal(size=(10, 40)).astype(np.float32)
    directions = principal_directions(samples, 10)
    assert np.allclose(directions @ directions.T, np.eye(10), atol=1e-4)
    assert np.allclose(samples @ directions.T @ directions, samples, atol=1e-3)


def test_training_is_repeatable() -> None:
    inputs = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    nets = [fit_dense(inputs, inputs**2, (8,), np.random.default_rng(5), Schedule(epochs=20)) for _ in range(2)]
    assert all(np.array_equal(a, b) for a, b in zip(nets[0].weights, nets[1].weights, strict=True))
