"""Reading a user's picture and checking that it can become a character."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError, features

from kuchipaku_tha.errors import OpaquePictureError, PictureError
from kuchipaku_tha.morpher import PremultipliedRgba, StraightRgba
from kuchipaku_tha.resampling import resample

SIZE_PX = 512
"""The teacher's picture size: width and height."""

MAX_SOURCE_SIDE_PX = 8192
MAX_SOURCE_PIXELS = 32_000_000
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_SIDE_PX = 2048
"""Longer side of a picture that is worked with; larger ones are scaled down to it."""
MIN_SIDE_PX = 128
FORMATS = ("PNG", "WEBP", "AVIF", "JPEG")

_SIZE_LIMITS = (
    f"At most {MAX_SOURCE_SIDE_PX} pixels a side and {MAX_SOURCE_PIXELS // 10**6} megapixels can be read. "
    f"Scale it down; more than {MAX_SIDE_PX} pixels a side are not used anyway."
)
_REMOVAL = (
    "Remove its background and save it as PNG, WebP or AVIF with an alpha channel; "
    "a plain background can be removed here (--remove-background)."
)

MIN_OPAQUE_SHARE = 0.01
MIN_CLEAR_SHARE = 0.01


def load_picture(source: Path | bytes, *, background_tolerance: float | None = None) -> StraightRgba:
    """Read a picture at its own size and aspect ratio.

    It is turned upright as its EXIF orientation says, brought to sRGB by its colour profile, and to 8 bits a channel. A
    side longer than ``MAX_SIDE_PX`` is scaled down to it, with the aspect ratio kept.

    Args:
        source: a file, or a file's content: PNG, WebP, AVIF, or JPEG.
        background_tolerance: remove a plain background, see
            :func:`kuchipaku_tha.background.remove_background`; a picture that has a transparent background keeps its
            own. None refuses pictures without one.

    Returns:
        uint8 (height, width, 4), RGBA, sRGB, straight alpha; colour is 0 where alpha is 0.

    Raises:
        OpaquePictureError: it has no transparent background, and none was to be removed.
        PictureError: not a picture, damaged, too small or large, animated, or empty.
    """
    content = source if isinstance(source, bytes) else _read_file(source)
    label = "The picture" if isinstance(source, bytes) else str(source)
    if len(content) > MAX_FILE_BYTES:
        raise PictureError(f"{label} is larger than {MAX_FILE_BYTES // 2**20} MB. Save a smaller one.")
    rgba = _limit_size(_decode(content, label))
    if background_tolerance is not None and _clear_share(rgba) < MIN_CLEAR_SHARE:
        from kuchipaku_tha.background import remove_background  # scipy takes 0.1 s, and few pictures need it

        rgba = remove_background(rgba, background_tolerance)
    _check_coverage(rgba, label)
    return clear_hidden_colour(rgba)


def _decode(content: bytes, label: str) -> StraightRgba:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=_readable_formats()) as image:
                _check_header(image, label)
                image.load()
                ImageOps.exif_transpose(image, in_place=True)
                return _to_srgb(image)
        except Image.DecompressionBombError as error:
            raise PictureError(f"{label} is far too large. {_SIZE_LIMITS}") from error
        except UnidentifiedImageError as error:
            raise PictureError(f"{label} is not a picture that can be read. {_formats_remedy(content)}") from error
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise PictureError(f"{label} is damaged or cut off ({error}). Save or download it again.") from error


def _readable_formats() -> tuple[str, ...]:
    return FORMATS if features.check("avif") else tuple(name for name in FORMATS if name != "AVIF")


def _formats_remedy(content: bytes) -> str:
    if content[4:12] in (b"ftypavif", b"ftypavis") and not features.check("avif"):
        return "The installed Pillow does not read AVIF: pip install -U pillow, or save it as PNG."
    return "Give a PNG, WebP or AVIF file with a transparent background."


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
    if max(width, height) > MAX_SOURCE_SIDE_PX or width * height > MAX_SOURCE_PIXELS:
        raise PictureError(f"{label} is {width}×{height}. {_SIZE_LIMITS}")
    if min(width, height) < MIN_SIDE_PX:
        raise PictureError(
            f"{label} is {width}×{height}; at least {MIN_SIDE_PX} pixels a side are needed, 512 and more are good."
        )
    if max(width, height) * MIN_SIDE_PX > min(width, height) * MAX_SIDE_PX:
        raise PictureError(
            f"{label} is {width}×{height}: one side is more than {MAX_SIDE_PX // MIN_SIDE_PX} times the other. "
            "Cut it to the character."
        )
    if getattr(image, "n_frames", 1) > 1:
        raise PictureError(f"{label} is animated. Save one frame of it as a PNG and use that.")


def _to_srgb(image: Image.Image) -> StraightRgba:
    """8 bits a channel, sRGB, straight alpha."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = _to_8_bits(image)
    if not profile or image.mode not in ("RGB", "RGBA", "L", "LA", "CMYK", "P"):
        return np.array(image if image.mode == "RGBA" else image.convert("RGBA"), np.uint8)
    rgba = image.convert("RGBA")
    grey_or_cmyk = image.mode in ("L", "LA", "CMYK")
    colour = image.convert("L") if image.mode == "LA" else image if grey_or_cmyk else rgba.convert("RGB")
    converted = _apply_profile(colour, profile)
    if converted is not None:
        converted.putalpha(rgba.getchannel("A"))
        rgba = converted
    return np.array(rgba, np.uint8)


def _to_8_bits(image: Image.Image) -> Image.Image:
    """A grey picture of 16 bits, which Pillow would clip; one of its values may stand for transparency."""
    values = np.asarray(image, np.int64)
    alpha = np.full(values.shape, 255, np.uint8)
    alpha[values == image.info.get("transparency", -1)] = 0
    grey = np.clip((values * 255 + 32767) // 65535, 0, 255).astype(np.uint8)
    return Image.fromarray(np.dstack((grey, alpha)), "LA")


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """RGB in sRGB; None when the profile is sRGB already, is damaged, or does not belong to this kind of picture."""
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(given).lower() and image.mode == "RGB":
            return None
        return ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _limit_size(rgba: StraightRgba) -> StraightRgba:
    """Scaled down where it is too large: by a whole factor first, so that the rest takes little memory."""
    height, width = rgba.shape[:2]
    scale = MAX_SIDE_PX / max(width, height)
    if scale >= 1:
        return rgba
    size = round(width * scale), round(height * scale)
    factor = int(1 / scale)
    if factor > 1:
        premultiplied = Image.fromarray(rgba).convert("RGBa").reduce(factor)
        rgba = np.asarray(premultiplied.convert("RGBA"), np.uint8)
    return resample(rgba, (0, 0, width / factor, height / factor), size)


def _clear_share(rgba: StraightRgba) -> float:
    return float(np.mean(rgba[..., 3] <= 127))


def _check_coverage(rgba: StraightRgba, label: str) -> None:
    clear = _clear_share(rgba)
    if clear > 1 - MIN_OPAQUE_SHARE:
        raise PictureError(f"{label} is almost wholly transparent: there is no character to animate.")
    if clear < MIN_CLEAR_SHARE:
        raise OpaquePictureError(f"{label} has no transparent background. {_REMOVAL}")


def clear_hidden_colour(rgba: StraightRgba) -> StraightRgba:
    """A copy whose colour is 0 wherever alpha is 0, as the teacher expects it."""
    return rgba * (rgba[..., 3:] > 0)


def premultiply(rgba: StraightRgba) -> PremultipliedRgba:
    """Colour multiplied by alpha, in sRGB encoding, rounded; uint8 of the same shape."""
    wide = rgba.astype(np.uint16)
    wide[..., :3] = (wide[..., :3] * wide[..., 3:] + 127) // 255
    return wide.astype(np.uint8)


def save_png(rgba: StraightRgba, path: Path) -> None:
    """Write an RGBA picture (uint8, straight alpha) as PNG."""
    Image.fromarray(rgba, "RGBA").save(path, "PNG", compress_level=6)
