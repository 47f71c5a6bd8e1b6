"""Randomness that is a function of (seed, stream, time): any moment can be asked for, in any order."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_MASK = (1 << 64) - 1


def uniform(seed: int, stream: int, index: int) -> float:
    """A number in [0, 1) that depends on its three arguments alone.

    The mixing function is SplitMix64's (S. Vigna, public domain description; G. Steele et al., 2014).
    """
    x = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + index * 0x8CB92BA72F3D8DD7) & _MASK
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = ((x ^ (x >> shift)) * factor) & _MASK
    return ((x ^ (x >> 31)) >> 11) / (1 << 53)


class SmoothNoise:
    """Band-limited noise: several channels, each a sum of sines of random frequency and phase.

    Zero mean, each channel within [-1, 1] and mostly within [-0.6, 0.6].
    """

    SINES = 7

    def __init__(self, seed: int, stream: int, channels: int, low_hz: float, high_hz: float) -> None:
        def table(offset: int) -> NDArray[np.float64]:
            values = [uniform(seed, stream + offset, index) for index in range(channels * self.SINES)]
            return np.array(values).reshape(channels, self.SINES)

        octaves = math.log2(high_hz / low_hz)
        self._omega = 2 * math.pi * low_hz * 2.0 ** (octaves * table(0))
        self._phase = 2 * math.pi * table(1)
        weights = 1.0 / np.sqrt(self._omega)
        self._weights = weights / weights.sum(axis=1, keepdims=True)

    def at(self, t_s: float) -> NDArray[np.float64]:
        """Every channel's value at a moment: float64 of shape (channels,)."""
        values: NDArray[np.float64] = (self._weights * np.sin(self._omega * t_s + self._phase)).sum(axis=1)
        return values
