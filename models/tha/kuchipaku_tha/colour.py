"""The teacher's colour space and the way into and out of it.

THA3 works in linear light with straight alpha: four planes R, G, B, A, each scaled from [0, 1] to [-1, 1].
Pictures outside are sRGB-encoded 8-bit RGBA. The transfer curve is that of IEC 61966-2-1.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.morpher import StraightRgba

LinearImage: TypeAlias = NDArray[np.float32]
"""float32 of shape (4, height, width): R, G, B in linear light, straight alpha, all in [-1, 1]."""

_ENCODED_KNEE: Final = 0.04045
_LINEAR_KNEE: Final = _ENCODED_KNEE / 12.92


def srgb_to_linear_light(encoded: NDArray[np.floating]) -> NDArray[np.float64]:
    """Decode sRGB values: [0, 1] to linear light in [0, 1]."""
    encoded = np.clip(encoded, 0.0, 1.0).astype(np.float64)
    return np.where(encoded <= _ENCODED_KNEE, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def linear_light_to_srgb(linear: NDArray[np.floating]) -> NDArray[np.float32]:
    """Encode linear light in [0, 1] as sRGB in [0, 1]; values outside are clipped."""
    linear = np.clip(linear, 0.0, 1.0).astype(np.float32)
    return np.where(linear <= _LINEAR_KNEE, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


_LINEAR_OF_BYTE: Final = (srgb_to_linear_light(np.arange(256) / 255) * 2 - 1).astype(np.float32)


def srgb_to_linear_image(picture: StraightRgba) -> LinearImage:
    """The picture as the teacher wants it.

    Colour under fully transparent pixels becomes black, so that what an editor left there cannot leak in.

    Args:
        picture: uint8 of shape (height, width, 4), sRGB, straight alpha.

    Returns:
        float32 of shape (4, height, width), linear light, straight alpha, [-1, 1].
    """
    alpha = picture[..., 3]
    image = np.empty((4, *alpha.shape), np.float32)
    image[:3] = _LINEAR_OF_BYTE[picture[..., :3]].transpose(2, 0, 1)
    image[:3, alpha == 0] = -1.0
    image[3] = alpha.astype(np.float32) * np.float32(2 / 255) - 1
    return image


def linear_image_to_srgb(image: LinearImage) -> StraightRgba:
    """A teacher's picture as 8-bit sRGB with straight alpha.

    Args:
        image: float32 of shape (4, height, width), linear light, straight alpha, [-1, 1]; values outside are clipped.

    Returns:
        uint8 of shape (height, width, 4).
    """
    unit = (image + 1) * np.float32(0.5)
    unit[:3] = linear_light_to_srgb(unit[:3])
    planes = np.rint(np.clip(unit, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(planes.transpose(1, 2, 0))
