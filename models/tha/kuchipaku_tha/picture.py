"""Reading a user's picture and checking that it can become a character."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.morpher import PremultipliedRgba, StraightRgba

SIZE_PX = 512
"""THA3's picture size: width and height."""

MAX_SIDE_PX = 8192
MAX_PIXELS = 32_000_000
MAX_FILE_BYTES = 64 * 1024 * 1024
MIN_SIDE_PX = 128
FORMATS = ("PNG", "WEBP")

_SIZE_LIMITS = (
    f"At most {MAX_SIDE_PX} pixels a side and {MAX_PIXELS // 10**6} megapixels can be read. "
    "Scale it down; 512×512 is what the animator works with."
)

MIN_OPAQUE_SHARE = 0.02
MIN_CLEAR_SHARE = 0.05


def load_picture(source: Path | bytes) -> StraightRgba:
    """Read a picture and bring it to 512×512.

    A picture of another size is scaled with its aspect ratio kept; what is missing to a square becomes
    transparent, left and right in equal parts, or below.

    Args:
        source: a file, or a file's content. PNG or WebP with an alpha channel.

    Returns:
        uint8 (512, 512, 4), RGBA, sRGB, straight alpha; colour is 0 where alpha is 0.

    Raises:
        PictureError: not a picture, damaged, too small or large, animated, without transparency, or empty.
    """
    content = source if isinstance(source, bytes) else _read_file(source)
    label = "The picture" if isinstance(source, bytes) else str(source)
    if len(content) > MAX_FILE_BYTES:
        raise PictureError(f"{label} is larger than {MAX_FILE_BYTES // 2**20} MB. Save a smaller one.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_header(image, label)
                image.load()
                return clear_hidden_colour(_to_square(image.convert("RGBA"), label))
        except Image.DecompressionBombError as error:
            raise PictureError(f"{label} is far too large. {_SIZE_LIMITS}") from error
        except UnidentifiedImageError as error:
            raise PictureError(
                f"{label} is not a picture that can be read. Give a PNG or WebP file with a transparent background."
            ) from error
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise PictureError(f"{label} is damaged or cut off ({error}). Save or download it again.") from error


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise PictureError(f"There is no file {path}.") from None
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror or error}.") from error


def _check_header(image: Image.Image, label: str) -> None:
    width, height = image.size
    if width > MAX_SIDE_PX or height > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise PictureError(f"{label} is {width}×{height}. {_SIZE_LIMITS}")
    if min(width, height) < MIN_SIDE_PX:
        raise PictureError(
            f"{label} is {width}×{height}; at least {MIN_SIDE_PX} pixels a side are needed, 512×512 is best."
        )
    if getattr(image, "n_frames", 1) > 1:
        raise PictureError(f"{label} is animated. Save one frame of it as a PNG and use that.")
    if not image.has_transparency_data:
        raise PictureError(
            f"{label} has no transparency. Remove its background and save it as PNG or WebP with an alpha channel."
        )


def _to_square(image: Image.Image, label: str) -> StraightRgba:
    width, height = image.size
    if (width, height) != (SIZE_PX, SIZE_PX):
        scale = SIZE_PX / max(width, height)
        fitted = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = image.convert("RGBa").resize(fitted, Image.Resampling.LANCZOS).convert("RGBA")
        image = Image.new("RGBA", (SIZE_PX, SIZE_PX))
        image.paste(small, ((SIZE_PX - fitted[0]) // 2, 0))
    rgba = np.array(image, np.uint8)
    opaque = float(np.mean(rgba[..., 3] > 127))
    if opaque < MIN_OPAQUE_SHARE:
        raise PictureError(f"{label} is almost wholly transparent: there is no character to animate.")
    if opaque > 1 - MIN_CLEAR_SHARE:
        raise PictureError(
            f"{label} has an alpha channel but no transparent background. Remove the background around the character."
        )
    return rgba


def clear_hidden_colour(rgba: StraightRgba) -> StraightRgba:
    """A copy whose colour is 0 wherever alpha is 0, as the teacher expects it."""
    cleared = rgba.copy()
    cleared[rgba[..., 3] == 0] = 0
    return cleared


def premultiply(rgba: StraightRgba) -> PremultipliedRgba:
    """Colour multiplied by alpha, in sRGB encoding, rounded; uint8 of the same shape."""
    wide = rgba.astype(np.uint16)
    wide[..., :3] = (wide[..., :3] * wide[..., 3:] + 127) // 255
    return wide.astype(np.uint8)


def save_png(rgba: StraightRgba, path: Path) -> None:
    """Write an RGBA picture (uint8, straight alpha) as PNG."""
    Image.fromarray(rgba, "RGBA").save(path, "PNG", compress_level=6)
