"""What comes in as a picture: sizes, formats, and everything that is not one."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kuchipaku_tha.errors import PictureError
from kuchipaku_tha.picture import load_picture, premultiply
from tests.tha.drawings import doll, encoded


def blank(width: int, height: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGBA", (width, height)).save(content, "PNG")
    return content.getvalue()


def animation() -> bytes:
    content = io.BytesIO()
    frames = [Image.fromarray(np.roll(doll(), shift, axis=0)) for shift in (0, 5)]
    frames[0].save(content, "PNG", save_all=True, append_images=frames[1:])
    return content.getvalue()


def opaque() -> bytes:
    picture = doll()
    picture[..., 3] = 255
    return encoded(picture)


@pytest.mark.parametrize("picture_format", ["PNG", "WEBP"])
def test_a_picture_of_the_right_size_is_taken_as_it_is(picture_format: str) -> None:
    content = io.BytesIO()
    Image.fromarray(doll()).save(content, picture_format, lossless=True)
    assert np.array_equal(load_picture(content.getvalue()), doll())


def test_colour_under_transparent_pixels_is_cleared() -> None:
    picture = doll()
    picture[0, 0] = (255, 0, 0, 0)
    assert not load_picture(encoded(picture))[0, 0].any()


def test_another_aspect_is_scaled_whole_and_centred() -> None:
    picture = doll()[:, 128:384]
    loaded = load_picture(encoded(np.repeat(np.repeat(picture, 2, axis=0), 2, axis=1)))
    assert loaded.shape == (512, 512, 4)
    assert not loaded[:, :120].any()
    assert np.abs(loaded[120, 256].astype(int) - doll()[120, 256]).max() <= 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GIF89a not really", "not a picture"),
        (b"", "not a picture"),
        (encoded(doll())[:900], "damaged or cut off"),
        (encoded(doll()[..., :3]), "no transparency"),
        (encoded(doll(), "TIFF"), "not a picture that can be read"),
        (opaque(), "no transparent background"),
        (blank(1, 1), "at least 128 pixels"),
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
