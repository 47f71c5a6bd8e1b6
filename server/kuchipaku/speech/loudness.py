"""Brings speech to one loudness, without clipping."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from kuchipaku.types import SAMPLE_RATE_HZ, Samples

TARGET_LUFS = -18.0
"""Between broadcast (−23) and streaming platforms (−14): speech at this level rarely needs the peak guard."""
PEAK_LIMIT = 10 ** (-1.0 / 20)
"""True peak never exceeds −1 dBFS (EBU R 128)."""
GREATEST_GAIN = 10 ** (20.0 / 20)
"""Near-silence is not blown up by more than 20 dB."""

# K-weighting at 48 kHz: a shelf for the head, then a high-pass (ITU-R BS.1770-5, annex 1, tables 1 and 2).
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
_BLOCK = round(0.4 * SAMPLE_RATE_HZ)
_HOP = _BLOCK // 4
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0


def integrated_lufs(samples: Samples) -> float:
    """Gated loudness of mono sound at 48 kHz in LUFS (ITU-R BS.1770-5); −inf for silence.

    Sound shorter than one 400 ms block counts as one block of its own length.
    """
    weighted = signal.sosfilt(_K_WEIGHTING, samples)
    powers = _block_powers(np.asarray(weighted, np.float64))
    loud = powers[_lufs(powers) > _ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return -math.inf
    gate_lufs = float(_lufs(loud.mean())) + _RELATIVE_GATE_LU
    return float(_lufs(loud[_lufs(loud) > gate_lufs].mean()))


def true_peak(samples: Samples) -> float:
    """Greatest magnitude between the samples too, by fourfold oversampling (ITU-R BS.1770-5, annex 2)."""
    if not samples.size:
        return 0.0
    return float(np.abs(signal.resample_poly(samples, 4, 1)).max())


def level(samples: Samples) -> Samples:
    """The sound at ``TARGET_LUFS``, or as near as ``PEAK_LIMIT`` and ``GREATEST_GAIN`` allow: a new array."""
    loudness_lufs = integrated_lufs(samples)
    if not math.isfinite(loudness_lufs):
        return samples.copy()
    gain = min(10 ** ((TARGET_LUFS - loudness_lufs) / 20), GREATEST_GAIN, PEAK_LIMIT / true_peak(samples))
    return (gain * samples).astype(np.float32)


def _block_powers(weighted: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(weighted) <= _BLOCK:
        return np.array([np.mean(np.square(weighted))] if len(weighted) else [])
    blocks = np.lib.stride_tricks.sliding_window_view(np.square(weighted), _BLOCK)[::_HOP]
    powers: NDArray[np.float64] = blocks.mean(axis=1)
    return powers


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10.0 * np.log10(power))
