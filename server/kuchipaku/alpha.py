"""Alpha: straight and premultiplied pictures, and the stacked layout that takes both through a video codec.

Colour is sRGB-encoded everywhere; alpha is linear coverage. WebRTC has no alpha channel, so a video frame
holds the premultiplied colour on top and the matte (alpha as grey) below, with guard rows between them
against 4:2:0 bleed. Video is I420, BT.601 matrix, limited range (luma 16 to 235).
``client_web/alpha_canvas.js`` mirrors this layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.morpher import PremultipliedRgba, StraightRgba

Rgb: TypeAlias = NDArray[np.uint8]
"""uint8 of shape (height, width, 3), sRGB-encoded RGB, [0, 255]."""

I420: TypeAlias = NDArray[np.uint8]
"""uint8 of shape (height * 3 / 2, width): the Y plane, then U and V at half size; BT.601, limited range."""

GUARD_PX = 16
"""Rows between colour and matte: one macroblock of VP8 and H.264, so that no block holds both."""

MATTE_FLOOR = 3 / 255
"""Matte values up to here are coding noise and read as 0; as far from the top they read as 1."""

_LUMA_BLACK, _LUMA_SPAN, _CHROMA_NEUTRAL = 16, 219, 128  # ITU-R BT.601, limited range


@dataclass(frozen=True, slots=True)
class StackedLayout:
    """Where colour and matte lie in a stacked frame.

    Attributes:
        size_px: width and height of the picture; a multiple of 4.
        guard_px: rows between the two; a multiple of 4.
    """

    size_px: int = 512
    guard_px: int = GUARD_PX

    def __post_init__(self) -> None:
        if self.size_px <= 0 or self.size_px % 4 or self.guard_px < 0 or self.guard_px % 4:
            raise ValueError(f"A stacked frame needs sizes that are multiples of 4, not {self}.")

    @property
    def width_px(self) -> int:
        """Width of the stacked frame."""
        return self.size_px

    @property
    def height_px(self) -> int:
        """Height of the stacked frame."""
        return 2 * self.size_px + self.guard_px

    @property
    def matte_top_px(self) -> int:
        """First row of the matte."""
        return self.size_px + self.guard_px


def unpremultiply(rgba: PremultipliedRgba) -> StraightRgba:
    """Divide the colour by alpha; where alpha is 0, all four values are 0."""
    return np.asarray(cv2.cvtColor(rgba, cv2.COLOR_mRGBA2RGBA), np.uint8)


def composite(rgba: PremultipliedRgba, background_rgb: tuple[int, int, int]) -> Rgb:
    """Lay the picture over one opaque colour.

    Args:
        rgba: premultiplied picture.
        background_rgb: sRGB colour, each value 0 to 255.
    """
    alpha = cv2.extractChannel(rgba, 3)
    uncovered = (255 - np.arange(256)) / 255
    table = np.rint(uncovered[:, None] * np.array(background_rgb)).astype(np.uint8)[None]
    background = cv2.LUT(cv2.merge([alpha, alpha, alpha]), table)
    return np.asarray(cv2.add(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), background), np.uint8)


def pack_stacked(rgba: PremultipliedRgba, layout: StackedLayout) -> I420:
    """Stack colour over matte as one I420 picture.

    The upper half of the guard rows repeats the colour's last row, the lower half the matte's first.

    Args:
        rgba: premultiplied picture of shape (size_px, size_px, 4).
        layout: its layout.

    Returns:
        a new array of shape (height_px * 3 / 2, width_px).

    Raises:
        ValueError: the picture's size is not the layout's.
    """
    size, half, half_guard = layout.size_px, layout.size_px // 2, layout.guard_px // 2
    if rgba.shape != (size, size, 4):
        raise ValueError(f"Expected a picture of shape ({size}, {size}, 4), not {rgba.shape}.")
    colour = cv2.cvtColor(rgba, cv2.COLOR_RGBA2YUV_I420)
    packed = np.full((layout.height_px * 3 // 2, size), _CHROMA_NEUTRAL, np.uint8)

    luma = packed[: layout.height_px]
    luma[:size] = colour[:size]
    luma[size : size + half_guard] = colour[size - 1]
    matte = luma[layout.matte_top_px :]
    cv2.convertScaleAbs(cv2.extractChannel(rgba, 3), matte, alpha=_LUMA_SPAN / 255, beta=_LUMA_BLACK)
    luma[size + half_guard : layout.matte_top_px] = matte[0]

    source_chroma = colour[size:].reshape(2, half, half)
    chroma = packed[layout.height_px :].reshape(2, layout.height_px // 2, half)
    chroma[:, :half] = source_chroma
    chroma[:, half : half + half_guard // 2] = source_chroma[:, -1:]
    return packed


def unpack_stacked(packed: I420, layout: StackedLayout) -> PremultipliedRgba:
    """The picture in a stacked I420 frame, as ``client_web`` draws it.

    Args:
        packed: array of shape (height_px * 3 / 2, width_px).
        layout: its layout.
    """
    return unpack_stacked_rgb(np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2RGB_I420), np.uint8), layout)


def unpack_stacked_rgb(stacked: Rgb, layout: StackedLayout) -> PremultipliedRgba:
    """The picture in a stacked RGB frame, as ``client_web`` draws it.

    Matte values within ``MATTE_FLOOR`` of either end become exactly 0 or 1; colour is held to at most alpha.

    Args:
        stacked: array of shape (height_px, width_px, 3).
        layout: its layout.
    """
    grey = stacked[layout.matte_top_px :, :, 1] / np.float32(255)
    alpha = np.clip((grey - MATTE_FLOOR) / (1 - 2 * MATTE_FLOOR), 0, 1)
    alpha_u8 = np.rint(alpha * 255).astype(np.uint8)[..., None]
    return np.concatenate([np.minimum(stacked[: layout.size_px], alpha_u8), alpha_u8], axis=2)
