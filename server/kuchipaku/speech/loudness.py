"""Brings speech to one loudness, without clipping."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from kuchipaku.types import SAMPLE_RATE_HZ, Samples

TARGET_LUFS = -18.0
"""Between broadcast (−23) and streaming platforms (−14): speech at this level rarely needs the peak guard."""
PEAK_LIMIT = 10 ** (-1.0 / 20)
"""True peak never exceeds −1 dBFS (EBU R 128)."""
_LIMITER_REACH = round(0.005 * SAMPLE_RATE_HZ)
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
    if not samples.size:
        return -math.inf
    weighted = signal.sosfilt(_K_WEIGHTING, samples)
    powers = _block_powers(np.asarray(weighted, np.float64))
    loud = powers[_lufs(powers) > _ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return -math.inf
    gate_lufs = float(_lufs(loud.mean())) + _RELATIVE_GATE_LU
    return float(_lufs(loud[_lufs(loud) > gate_lufs].mean()))


def true_peak(samples: Samples) -> float:
    """Greatest magnitude of some sound, between its samples too (ITU-R BS.1770-5, annex 2)."""
    return float(_peaks(samples).max())


def level(samples: Samples) -> Samples:
    """The sound at ``TARGET_LUFS`` with its peaks held below ``PEAK_LIMIT``: a new array.

    Near-silence stays below the target: it is not amplified by more than ``GREATEST_GAIN``.
    """
    loudness_lufs = integrated_lufs(samples)
    if not math.isfinite(loudness_lufs):
        return samples.copy()
    gain = min(10 ** ((TARGET_LUFS - loudness_lufs) / 20), GREATEST_GAIN)
    return _limit(gain * samples)


def _limit(samples: Samples) -> Samples:
    """Turn the gain down around the peaks, smoothly, as a limiter with look-ahead does."""
    gain = np.minimum(1.0, PEAK_LIMIT / np.maximum(_peaks(samples), PEAK_LIMIT))
    held = ndimage.minimum_filter1d(gain, 2 * _LIMITER_REACH + 1)
    window = signal.windows.hann(2 * _LIMITER_REACH + 1, sym=True)
    smooth = ndimage.convolve1d(held, window / window.sum(), mode="nearest")
    return (samples * smooth).astype(np.float32)


def _peaks(samples: Samples) -> NDArray[np.float64]:
    """Greatest magnitude from each sample to the next, by fourfold oversampling: shape (n,)."""
    peaks: NDArray[np.float64] = np.abs(signal.resample_poly(samples, 4, 1)).reshape(-1, 4).max(axis=1)
    return peaks


def _block_powers(weighted: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(weighted) <= _BLOCK:
        return np.array([np.mean(np.square(weighted))])
    blocks = np.lib.stride_tricks.sliding_window_view(np.square(weighted), _BLOCK)[::_HOP]
    powers: NDArray[np.float64] = blocks.mean(axis=1)
    return powers


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10.0 * np.log10(power))
