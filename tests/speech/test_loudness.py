from __future__ import annotations

import math

import numpy as np
import pytest

from kuchipaku.speech.loudness import PEAK_LIMIT, TARGET_LUFS, integrated_lufs, level, true_peak
from kuchipaku.types import Samples


def sine(frequency_hz: float, amplitude: float, seconds: float = 2.0) -> Samples:
    time_s = np.arange(round(48_000 * seconds)) / 48_000
    return (amplitude * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)


def test_a_full_scale_tone_measures_as_the_standard_says() -> None:
    """ITU-R BS.1770: 0 dBFS at 997 Hz in one channel reads −3.01 LKFS."""
    assert integrated_lufs(sine(997.0, 1.0)) == pytest.approx(-3.01, abs=0.05)


def test_pauses_do_not_count() -> None:
    tone = sine(997.0, 0.1)
    assert integrated_lufs(np.concatenate([tone, np.zeros(96_000, np.float32)])) == pytest.approx(
        integrated_lufs(tone), abs=0.5
    )


@pytest.mark.parametrize("amplitude", [0.02, 0.1, 0.9])
@pytest.mark.parametrize("seconds", [0.1, 2.0])
def test_sound_is_brought_to_the_target(amplitude: float, seconds: float) -> None:
    assert integrated_lufs(level(sine(300.0, amplitude, seconds))) == pytest.approx(TARGET_LUFS, abs=0.1)


def test_peaks_are_never_clipped() -> None:
    clicks = np.zeros(96_000, np.float32)
    clicks[::4800] = 0.5
    assert true_peak(level(clicks)) <= PEAK_LIMIT * 1.001


def test_silence_stays_silence() -> None:
    silence = np.zeros(4800, np.float32)
    assert integrated_lufs(silence) == -math.inf
    assert not level(silence).any()
    assert level(silence[:0]).size == 0
