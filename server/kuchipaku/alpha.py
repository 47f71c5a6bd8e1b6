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

    As the guard rows are always ``GUARD_PX``, the size of a stacked frame tells the size of its picture.

    Attributes:
        width_px: width of the picture and of the stacked frame; a multiple of 4.
        height_px: height of the picture; a multiple of 4.
    """

    width_px: int
    height_px: int

    def __post_init__(self) -> None:
        if min(self.width_px, self.height_px) <= 0 or self.width_px % 4 or self.height_px % 4:
            raise ValueError(f"A stacked frame needs sizes that are multiples of 4, not {self}.")

    @property
    def stacked_height_px(self) -> int:
        """Height of the stacked frame."""
        return 2 * self.height_px + GUARD_PX

    @property
    def matte_top_px(self) -> int:
        """First row of the matte."""
        return self.height_px + GUARD_PX


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
        rgba: premultiplied picture of shape (height_px, width_px, 4).
        layout: its layout.

    Returns:
        a new array of shape (stacked_height_px * 3 / 2, width_px).

    Raises:
        ValueError: the picture's size is not the layout's.
    """
    width, height, half_guard = layout.width_px, layout.height_px, GUARD_PX // 2
    if rgba.shape != (height, width, 4):
        raise ValueError(f"Expected a picture of shape ({height}, {width}, 4), not {rgba.shape}.")
    colour = cv2.cvtColor(rgba, cv2.COLOR_RGBA2YUV_I420)
    packed = np.full((layout.stacked_height_px * 3 // 2, width), _CHROMA_NEUTRAL, np.uint8)

    luma = packed[: layout.stacked_height_px]
    luma[:height] = colour[:height]
    luma[height : height + half_guard] = colour[height - 1]
    matte = luma[layout.matte_top_px :]
    cv2.convertScaleAbs(cv2.extractChannel(rgba, 3), matte, alpha=_LUMA_SPAN / 255, beta=_LUMA_BLACK)
    luma[height + half_guard : layout.matte_top_px] = matte[0]

    half_width, half_height = width // 2, height // 2
    source_chroma = colour[height:].reshape(2, half_height, half_width)
    chroma = packed[layout.stacked_height_px :].reshape(2, layout.stacked_height_px // 2, half_width)
    chroma[:, :half_height] = source_chroma
    chroma[:, half_height : half_height + half_guard // 2] = source_chroma[:, -1:]
    return packed


def unpack_stacked(packed: I420, layout: StackedLayout) -> PremultipliedRgba:
    """The picture in a stacked I420 frame, as ``client_web`` draws it.

    Args:
        packed: array of shape (stacked_height_px * 3 / 2, width_px).
        layout: its layout.
    """
    return unpack_stacked_rgb(np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2RGB_I420), np.uint8), layout)


def unpack_stacked_rgb(stacked: Rgb, layout: StackedLayout) -> PremultipliedRgba:
    """The picture in a stacked RGB frame, as ``client_web`` draws it.

    Matte values within ``MATTE_FLOOR`` of either end become exactly 0 or 1; colour is held to at most alpha.

    Args:
        stacked: array of shape (stacked_height_px, width_px, 3).
        layout: its layout.
    """
    grey = stacked[layout.matte_top_px :, :, 1] / np.float32(255)
    alpha = np.clip((grey - MATTE_FLOOR) / (1 - 2 * MATTE_FLOOR), 0, 1)
    alpha_u8 = np.rint(alpha * 255).astype(np.uint8)[..., None]
    return np.concatenate([np.minimum(stacked[: layout.height_px], alpha_u8), alpha_u8], axis=2)
