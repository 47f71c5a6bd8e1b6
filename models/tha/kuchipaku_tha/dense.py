"""A small dense network in numpy: evaluation, and training by Adam. No framework is needed to compile a character."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class DenseNetwork:
    """Layers of ``x @ weight + bias`` with SiLU between them and a linear end.

    Attributes:
        weights: one float32 matrix (inputs, outputs) a layer.
        biases: one float32 vector (outputs,) a layer.
    """

    weights: tuple[Matrix, ...]
    biases: tuple[Matrix, ...]

    def __call__(self, inputs: Matrix) -> Matrix:
        """Outputs of shape (..., outputs) for float32 inputs of shape (..., inputs)."""
        return self.features(inputs) @ self.weights[-1] + self.biases[-1]

    def features(self, inputs: Matrix) -> Matrix:
        """What enters the last layer, shape (..., width), for float32 inputs of shape (..., inputs)."""
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            inputs = inputs @ weight + bias
            inputs = inputs * _sigmoid(inputs)
        return inputs


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train.

    Attributes:
        epochs: passes over the samples.
        batch: samples a step.
        rate: Adam's step size at the start; it falls to 0 along a half cosine.
        decay: weight decay, decoupled from the gradient (Loshchilov and Hutter, 2019).
    """

    epochs: int = 300
    batch: int = 64
    rate: float = 3e-3
    decay: float = 1e-4


def fit_dense(
    inputs: Matrix,
    targets: Matrix,
    hidden: tuple[int, ...],
    rng: np.random.Generator,
    schedule: Schedule,
    on_epoch: Callable[[int], None] | None = None,
) -> DenseNetwork:
    """Train a network to least mean squared error.

    Args:
        inputs: float32 (samples, inputs).
        targets: float32 (samples, outputs).
        hidden: widths of the hidden layers.
        rng: source of the starting weights and of the order of the samples.
        schedule: length and step size.
        on_epoch: called with the number of finished epochs.
    """
    widths = (inputs.shape[1], *hidden, targets.shape[1])
    weights = [_start(rng, fan_in, fan_out) for fan_in, fan_out in itertools.pairwise(widths)]
    biases = [np.zeros(width, np.float32) for width in widths[1:]]
    scale = float(np.sqrt(np.mean(targets**2))) or 1.0
    targets = targets / np.float32(scale)
    adam = _Adam([*weights, *biases])
    steps = schedule.epochs * max(1, -(-len(inputs) // schedule.batch))
    step = 0
    for epoch in range(schedule.epochs):
        order = rng.permutation(len(inputs))
        for start in range(0, len(order), schedule.batch):
            chosen = order[start : start + schedule.batch]
            gradients = _gradients(weights, biases, inputs[chosen], targets[chosen])
            rate = schedule.rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for weight in weights:
                weight *= 1 - rate * schedule.decay
            adam.step(gradients, rate)
            step += 1
        if on_epoch is not None:
            on_epoch(epoch + 1)
    weights[-1] *= scale
    biases[-1] *= scale
    return DenseNetwork(tuple(weights), tuple(biases))


def _start(rng: np.random.Generator, fan_in: int, fan_out: int) -> Matrix:
    """Normal starting weights that keep the variance of the signal (He et al., 2015)."""
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)).astype(np.float32)


def _sigmoid(values: Matrix) -> Matrix:
    gate: Matrix = np.float32(0.5) * (np.tanh(np.float32(0.5) * values) + np.float32(1))
    return gate


def _gradients(weights: list[Matrix], biases: list[Matrix], inputs: Matrix, targets: Matrix) -> list[Matrix]:
    """Gradients of the mean squared error: of every weight, then of every bias."""
    activations, slopes = [inputs], []
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        linear = activations[-1] @ weight + bias
        if layer == len(weights) - 1:
            activations.append(linear)
            break
        gate = _sigmoid(linear)
        activations.append(linear * gate)
        slopes.append(gate * (1 + linear * (1 - gate)))
    error = (activations[-1] - targets) * np.float32(2 / targets.size)
    of_weights: list[Matrix] = []
    of_biases: list[Matrix] = []
    for layer in range(len(weights) - 1, -1, -1):
        of_weights.append(activations[layer].T @ error)
        of_biases.append(error.sum(axis=0))
        if layer:
            error = (error @ weights[layer].T) * slopes[layer - 1]
    return [*reversed(of_weights), *reversed(of_biases)]


class _Adam:
    """Adam (Kingma and Ba, 2015) on arrays that it changes in place."""

    def __init__(self, values: list[Matrix], mean_decay: float = 0.9, square_decay: float = 0.99) -> None:
        self._values = values
        self._means = [np.zeros_like(value) for value in values]
        self._squares = [np.zeros_like(value) for value in values]
        self._mean_decay = mean_decay
        self._square_decay = square_decay
        self._steps = 0

    def step(self, gradients: list[Matrix], rate: float) -> None:
        self._steps += 1
        mean_bias = 1 - self._mean_decay**self._steps
        square_bias = 1 - self._square_decay**self._steps
        for value, gradient, mean, square in zip(self._values, gradients, self._means, self._squares, strict=True):
            mean += (1 - self._mean_decay) * (gradient - mean)
            square += (1 - self._square_decay) * (gradient * gradient - square)
            value -= np.float32(rate / mean_bias) * mean / (np.sqrt(square / square_bias) + np.float32(1e-8))
