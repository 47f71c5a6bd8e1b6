"""How alike two pictures are: premultiplied sRGB RGBA, uint8 (height, width, 4) each."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.morpher import PremultipliedRgba

EQUAL_DB = 99.0
"""PSNR of equal pictures, so that means stay finite."""
OUTLINE_GROWTH_PX = 4
"""By which the teacher's outline is grown before what lies outside of it counts as a ghost."""
COVERED = 8
"""Alpha, of 255, above which a pixel belongs to the outline."""

_WINDOW_PX = (11, 11)
_SIGMA_PX = 1.5
_LUMINANCE, _CONTRAST = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def psnr_db(drawn: PremultipliedRgba, truth: PremultipliedRgba) -> float:
    """Peak signal-to-noise ratio over all four channels, at most ``EQUAL_DB``."""
    squared = float(np.mean(np.square(drawn.astype(np.float32) - truth)))
    return EQUAL_DB if squared == 0 else min(EQUAL_DB, float(10 * np.log10(255**2 / squared)))


def ssim(drawn: PremultipliedRgba, truth: PremultipliedRgba) -> float:
    """Structural similarity, mean over pixels and channels.

    Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", 2004, with their Gaussian of 1.5 px.
    """
    a, b = drawn.astype(np.float32), truth.astype(np.float32)
    mean_a, mean_b = _blur(a), _blur(b)
    variance_a, variance_b = _blur(a * a) - mean_a**2, _blur(b * b) - mean_b**2
    covariance = _blur(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + _LUMINANCE) / (mean_a**2 + mean_b**2 + _LUMINANCE)
    structure = (2 * covariance + _CONTRAST) / (variance_a + variance_b + _CONTRAST)
    return float(np.mean(luminance * structure))


def ghosts(drawn: PremultipliedRgba, truth: PremultipliedRgba) -> float:
    """Mean alpha, 0 to 255, where the true figure is not even near; 0 if it is near everywhere."""
    side = 2 * OUTLINE_GROWTH_PX + 1
    outside = cv2.dilate((truth[..., 3] > COVERED).astype(np.uint8), np.ones((side, side), np.uint8)) == 0
    return float(drawn[..., 3][outside].mean()) if outside.any() else 0.0


def _blur(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, _WINDOW_PX, _SIGMA_PX), np.float32)
