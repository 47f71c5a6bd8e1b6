"""What comes in as a picture: sizes, formats, and everything that is not one."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, features

from kuchipaku_tha.errors import OpaquePictureError, PictureError
from kuchipaku_tha.picture import MAX_SIDE_PX, load_picture, premultiply
from tests.tha.drawings import doll, encoded

AVIF_READ = features.check("avif")


def saved(image: Image.Image, picture_format: str = "PNG", **options: object) -> bytes:
    content = io.BytesIO()
    image.save(content, picture_format, **options)
    return content.getvalue()


def blank(width: int, height: int) -> bytes:
    return saved(Image.new("RGBA", (width, height)))


def animation() -> bytes:
    frames = [Image.fromarray(np.roll(doll(), shift, axis=0)) for shift in (0, 5)]
    return saved(frames[0], save_all=True, append_images=frames[1:])


def opaque() -> bytes:
    picture = doll()
    picture[..., 3] = 255
    return encoded(picture)


def png(values: NDArray[np.uint16], colour_type: int, extra: bytes = b"") -> bytes:
    """A PNG of 16 bits a channel, which Pillow cannot write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, colour_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), extra, chunk(b"IDAT", zlib.compress(rows, 1)), chunk(b"IEND", b""))
    )


def swapped_profile() -> bytes:
    """A colour profile in which red means green and green means red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"____"), (b"gXYZ", b"rXYZ"), (b"____", b"gXYZ")):
        profile = profile.replace(old, new, 1)
    return profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def transparency(value: int) -> bytes:
    data = b"tRNS" + struct.pack(">H", value)
    return struct.pack(">I", 2) + data + struct.pack(">I", zlib.crc32(data))


@pytest.mark.parametrize("picture_format", ["PNG", "WEBP"])
def test_a_picture_is_taken_as_it_is(picture_format: str) -> None:
    wide = doll()[:, 100:400]
    assert np.array_equal(load_picture(saved(Image.fromarray(wide), picture_format, lossless=True)), wide)


@pytest.mark.skipif(not AVIF_READ, reason="needs a Pillow that reads AVIF")
def test_avif_is_read() -> None:
    loaded = load_picture(saved(Image.fromarray(doll()), "AVIF", quality=100))
    assert np.abs(premultiply(loaded).astype(int) - premultiply(doll())).mean() < 1


def test_without_avif_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda name: name != "avif")
    with pytest.raises(PictureError, match="does not read AVIF"):
        load_picture(b"\0\0\0\x20ftypavif" + bytes(100))


def test_colour_under_transparent_pixels_is_cleared() -> None:
    picture = doll()
    picture[0, 0] = (255, 0, 0, 0)
    assert not load_picture(encoded(picture))[0, 0].any()


def test_a_large_picture_is_scaled_down_whole() -> None:
    large = np.repeat(np.repeat(doll()[:, 128:384], 6, axis=0), 6, axis=1)
    loaded = load_picture(encoded(large))
    assert loaded.shape == (MAX_SIDE_PX, MAX_SIDE_PX // 2, 4)
    small = doll()[:, 128:384]
    assert np.abs(loaded[2::4, 2::4].astype(int) - small).mean() < 1


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_grey_and_palettes_keep_their_transparency(mode: str) -> None:
    picture = Image.fromarray(doll())
    loaded = load_picture(saved(picture.quantize() if mode == "P" else picture.convert("LA")))
    assert np.array_equal(loaded[..., 3] > 127, doll()[..., 3] > 127)
    assert loaded[120, 256, 0] > 190


def test_sixteen_bits_are_brought_to_eight() -> None:
    values = doll().astype(np.uint16) * 257
    assert np.array_equal(load_picture(png(values, 6)), doll())
    grey_and_alpha = np.dstack((values[..., 0], values[..., 3]))
    assert np.array_equal(load_picture(png(grey_and_alpha, 4))[..., 0], doll()[..., 0])


def test_sixteen_grey_bits_with_one_transparent_value() -> None:
    values = np.where(doll()[..., 3] > 0, np.uint16(40_000), np.uint16(65_535))
    loaded = load_picture(png(values, 0, transparency(65_535)))
    assert np.array_equal(loaded[..., 3], doll()[..., 3])
    assert tuple(loaded[120, 256]) == (156, 156, 156, 255)


def test_a_colour_profile_is_applied() -> None:
    loaded = load_picture(saved(Image.fromarray(doll()), icc_profile=swapped_profile()))
    assert np.abs(loaded.astype(int) - doll()[..., [1, 0, 2, 3]]).max() <= 2


@pytest.mark.parametrize("profile", [b"nonsense", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()])
def test_a_damaged_or_an_srgb_profile_changes_nothing(profile: bytes) -> None:
    assert np.array_equal(load_picture(saved(Image.fromarray(doll()), icc_profile=profile)), doll())


def test_a_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.fromarray(np.rot90(doll()[:300]).copy())
    assert np.array_equal(load_picture(saved(lying, exif=exif)), doll()[:300])


def test_a_plain_background_is_removed_when_asked_for() -> None:
    on_white = np.where(doll()[..., 3:] > 0, doll()[..., :3], np.uint8(255))
    with pytest.raises(OpaquePictureError, match="--remove-background"):
        load_picture(encoded(on_white, "JPEG"))
    loaded = load_picture(encoded(on_white, "JPEG"), background_tolerance=0.1)
    assert np.mean((loaded[..., 3] > 127) != (doll()[..., 3] > 127)) < 0.002


def test_a_transparent_background_is_kept_when_removal_is_asked_for() -> None:
    assert np.array_equal(load_picture(encoded(doll()), background_tolerance=0.1), doll())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GIF89a not really", "not a picture"),
        (b"", "not a picture"),
        (encoded(doll())[:900], "damaged or cut off"),
        (encoded(doll()[..., :3]), "no transparent background"),
        (encoded(doll(), "TIFF"), "not a picture that can be read"),
        (opaque(), "no transparent background"),
        (blank(1, 1), "at least 128 pixels"),
        (blank(150, 3000), "16 times"),
        (blank(20000, 20000), "Scale it down"),
        (blank(512, 512), "no character"),
        (animation(), "animated"),
    ],
)
def test_a_useless_picture_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        load_picture(content)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="There is no file"):
        load_picture(tmp_path / "nobody.png")


def test_premultiplied_colour_never_exceeds_alpha() -> None:
    rng = np.random.default_rng(1)
    straight = rng.integers(0, 256, (64, 64, 4), np.uint8)
    product = premultiply(straight)
    assert (product[..., :3] <= product[..., 3:]).all()
    exact = straight[..., :3].astype(float) * straight[..., 3:] / 255
    assert np.abs(product[..., :3] - exact).max() <= 0.5
