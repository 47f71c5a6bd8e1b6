"""Smooth steps from 0 to 1."""

from __future__ import annotations


def smoothstep(x: float) -> float:
    """Hermite's 3x² − 2x³ on [0, 1]: flat at both ends, clamped outside; the slope never exceeds 1.5."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def fade(t_s: float, start_s: float, end_s: float, in_s: float, out_s: float) -> float:
    """Rises from 0 at ``start_s`` within ``in_s``, falls from 1 at ``end_s`` within ``out_s``. All in seconds."""
    return smoothstep((t_s - start_s) / in_s) * (1.0 - smoothstep((t_s - end_s) / out_s))
