"""A field: what a pose adds to something of fixed size (a flow, a patch of pixels), as a network on a small basis.

``field(pose) = (network(x) - network(0)) @ basis`` with ``x`` the pose values that the field depends on. The neutral
pose gives exactly zero, so a compiled character at rest is its source picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.dense import DenseNetwork, Matrix, Schedule, fit_dense
from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.pose import POSE_SIZE, Pose

_RIDGE = 1e-3
_LEAST_IMPORTANCE = 5e-3
_NEGLIGIBLE = 1e-12
"""Share of the greatest squared singular value below which a direction is rounding noise."""


@dataclass(frozen=True)
class PoseField:
    """A vector-valued function of some of the pose's values, zero at the neutral pose.

    Attributes:
        inputs: indices of the pose values that it depends on, int32 (inputs,).
        network: from those values to the basis' coefficients.
        basis: float32 (components, size).
        shape: shape of the result, its product is ``size``.
        gain: float32 of ``shape`` that the sum of the basis is multiplied with, so that values of different units
            share one basis; None multiplies with nothing.
    """

    inputs: NDArray[np.int32]
    network: DenseNetwork
    basis: Matrix
    shape: tuple[int, ...]
    gain: NDArray[np.float32] | None = None
    _rest: Matrix = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rest = self.network(np.zeros(len(self.inputs), np.float32))
        object.__setattr__(self, "_rest", rest)

    def __call__(self, pose: Pose) -> NDArray[np.float32]:
        """The field's value, float32 of ``shape``, for one pose of shape (45,)."""
        coefficients = self.network(pose[self.inputs]) - self._rest
        value = np.asarray(coefficients @ self.basis, np.float32).reshape(self.shape)
        return value if self.gain is None else value * self.gain

    def tensors(
        self, prefix: str, basis_type: type[np.float16 | np.int8] = np.float16
    ) -> dict[str, NDArray[np.generic]]:
        """The field as named arrays for a file.

        Args:
            prefix: of their names.
            basis_type: of the stored basis: float16, or int8 with one scale a component for half the size where
                half a percent of error in each component does not matter.
        """
        stored, scale = _pack(self.basis, basis_type)
        named: dict[str, NDArray[np.generic]] = {
            f"{prefix}.inputs": self.inputs,
            f"{prefix}.basis": stored,
            f"{prefix}.scale": scale,
            f"{prefix}.shape": np.array(self.shape, np.int32),
        }
        if self.gain is not None:
            named[f"{prefix}.gain"] = self.gain.astype(np.float16)
        for layer, (weight, bias) in enumerate(zip(self.network.weights, self.network.biases, strict=True)):
            named[f"{prefix}.weight.{layer}"] = weight
            named[f"{prefix}.bias.{layer}"] = bias
        return named

    @classmethod
    def from_tensors(cls, prefix: str, tensors: Mapping[str, NDArray[np.generic]]) -> PoseField:
        """Read back what ``tensors`` gave.

        Raises:
            CharacterError: an array is missing, not finite, or of the wrong shape.
        """
        inputs = _take(tensors, f"{prefix}.inputs", 1).astype(np.int32)
        basis = _take(tensors, f"{prefix}.basis", 2).astype(np.float32)
        scale = _take(tensors, f"{prefix}.scale", 1).astype(np.float32)
        shape = tuple(int(side) for side in _take(tensors, f"{prefix}.shape", 1))
        gain = _take(tensors, f"{prefix}.gain", len(shape)).astype(np.float32) if f"{prefix}.gain" in tensors else None
        weights: list[Matrix] = []
        biases: list[Matrix] = []
        while f"{prefix}.weight.{len(weights)}" in tensors:
            layer = len(weights)
            weights.append(_take(tensors, f"{prefix}.weight.{layer}", 2).astype(np.float32))
            biases.append(_take(tensors, f"{prefix}.bias.{layer}", 1).astype(np.float32))
        widths = [len(inputs), *(weight.shape[1] for weight in weights)]
        fits = (
            weights
            and all(weight.shape[0] == width for weight, width in zip(weights, widths, strict=False))
            and all(bias.shape[0] == width for bias, width in zip(biases, widths[1:], strict=True))
            and len(scale) == len(basis)
            and basis.shape == (widths[-1], int(np.prod(shape)))
            and (gain is None or gain.shape == shape)
            and inputs.min() >= 0
            and inputs.max() < POSE_SIZE
        )
        if not fits:
            raise CharacterError(f"The arrays of {prefix!r} do not fit each other. Compile the character again.")
        return cls(inputs, DenseNetwork(tuple(weights), tuple(biases)), basis * scale[:, None], shape, gain)


def _pack(
    basis: Matrix, basis_type: type[np.float16 | np.int8]
) -> tuple[NDArray[np.float16 | np.int8], NDArray[np.float32]]:
    """The basis in a smaller type, and the scale (components,) to multiply it with."""
    if basis_type is np.float16:
        return basis.astype(np.float16), np.ones(len(basis), np.float32)
    scale = np.asarray(np.abs(basis).max(axis=1) / 127, np.float32)
    return np.rint(basis / scale[:, None]).astype(np.int8), scale


def _take(tensors: Mapping[str, NDArray[np.generic]], name: str, dimensions: int) -> NDArray[np.generic]:
    array = tensors.get(name)
    if array is None or array.ndim != dimensions or array.size == 0:
        raise CharacterError(f"The array {name!r} is missing or of the wrong shape. Compile the character again.")
    if not np.isfinite(array).all():
        raise CharacterError(f"The array {name!r} holds numbers that are not finite. Compile the character again.")
    return array


def read_rest(name: str, tensors: Mapping[str, NDArray[np.generic]], field: PoseField) -> NDArray[np.float32]:
    """What the teacher adds to a field even at rest, as it was stored.

    Raises:
        CharacterError: it is missing, not finite, or has another shape than the field.
    """
    rest = tensors.get(f"{name}.rest")
    if rest is None or rest.shape != field.shape or not np.isfinite(rest).all():
        raise CharacterError(f"The array '{name}.rest' is missing or wrong. Compile the character again.")
    return rest.astype(np.float32)


@dataclass(frozen=True)
class FieldDesign:
    """How a field is fitted.

    Attributes:
        components: size of the basis.
        hidden: widths of the hidden layers.
        steps: training steps, from which the number of epochs follows.
        batch: samples a step.
        rate: first step size.
        decay: weight decay.
    """

    components: int
    hidden: tuple[int, ...]
    steps: int
    batch: int
    rate: float
    decay: float

    def schedule(self, samples: int) -> Schedule:
        """The training schedule for so many samples."""
        epochs = max(1, round(self.steps * self.batch / samples))
        return Schedule(epochs, self.batch, self.rate, self.decay)


def fit_field(
    poses: Pose,
    values: NDArray[np.float32],
    inputs: NDArray[np.int32],
    design: FieldDesign,
    rng: np.random.Generator,
    on_fraction: Callable[[float], None] | None = None,
    importance: NDArray[np.float32] | None = None,
) -> PoseField:
    """Fit a field to samples.

    The basis are the first right singular vectors of the samples, so that an error in the coefficients is an error
    in the values of the same size, and the network is trained on the few coefficients instead of the many values.

    Args:
        poses: float32 (samples, 45).
        values: float32 (samples, ...), zero at the neutral pose.
        inputs: which of the pose's values the field may depend on.
        design: sizes and training.
        rng: randomness of the training.
        on_fraction: called with the finished share of the training, 0 to 1.
        importance: how much an error of 1 in each value matters, 0 or above, float32 of the values' shape; all alike
            when absent. What matters next to nothing is left as it is at rest.
    """
    shape = values.shape[1:]
    gain = None
    if importance is not None:
        importance = np.where(importance < _LEAST_IMPORTANCE * importance.max(), np.float32(0), importance)
        gain = np.divide(1, importance, out=np.zeros_like(importance), where=importance > 0)
        values = values * importance
    flat = values.reshape(len(values), -1)
    basis = principal_directions(flat, design.components)
    schedule = design.schedule(len(flat))
    report = None if on_fraction is None else (lambda epoch: on_fraction(epoch / schedule.epochs))
    chosen, coefficients = np.ascontiguousarray(poses[:, inputs]), flat @ basis.T
    network = fit_dense(chosen, coefficients, design.hidden, rng, schedule, on_epoch=report)
    return PoseField(inputs, solve_last_layer(network, chosen, coefficients), basis, shape, gain)


def solve_last_layer(network: DenseNetwork, inputs: Matrix, targets: Matrix) -> DenseNetwork:
    """The network with the last layer that is best under the condition that the neutral pose gives zero.

    Training leaves a small error at the neutral pose and, through weight decay, all outputs a little too small. Both
    would add a faint copy of the source to every pose: its irises would shine through closed lids.
    """
    features = network.features(inputs) - network.features(np.zeros((1, inputs.shape[1]), np.float32))
    precise = features.astype(np.float64)
    gram = precise.T @ precise
    ridge = _RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    weight = np.linalg.solve(gram + ridge, precise.T @ targets).astype(np.float32)
    bias = np.zeros(targets.shape[1], np.float32)
    return DenseNetwork((*network.weights[:-1], weight), (*network.biases[:-1], bias))


def principal_directions(samples: Matrix, count: int) -> Matrix:
    """The first right singular vectors of float32 (samples, size), through the Gram matrix: (count, size)."""
    precise = samples.astype(np.float64)
    squares, vectors = np.linalg.eigh(precise @ precise.T)
    strongest = np.argsort(squares)[::-1][:count]
    strongest = strongest[squares[strongest] > squares.max() * _NEGLIGIBLE]
    directions = vectors[:, strongest].T @ precise / np.sqrt(squares[strongest])[:, None]
    return np.asarray(directions, np.float32)
