"""The page's shader and kuchipaku.alpha agree on the stacked layout."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from kuchipaku.alpha import StackedLayout, pack_stacked, unpack_stacked_rgb

pytestmark = pytest.mark.browser

DRAW = """async png => {
  const { AlphaCanvas } = await import("/client/alpha_canvas.js");
  const canvas = document.createElement("canvas");
  const painter = new AlphaCanvas(canvas, document.createElement("video"));
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  painter.draw(image, image.naturalWidth, image.naturalHeight);
  const gl = canvas.getContext("webgl");
  const pixels = new Uint8Array(canvas.width * canvas.height * 4);
  gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  painter.destroy();
  return [canvas.width, canvas.height, Array.from(pixels)];
}"""


@pytest.mark.parametrize(("width_px", "height_px"), [(128, 128), (64, 148), (148, 64)])
def test_a_stacked_picture_is_drawn_as_python_unpacks_it(
    page: Page, server_url: str, width_px: int, height_px: int
) -> None:
    layout = StackedLayout(width_px, height_px)
    rng = np.random.default_rng(1)
    straight = rng.integers(0, 256, (height_px, width_px, 4), np.uint8)
    straight[:, :20, 3] = 0
    straight[:, 40:, 3] = 255
    premultiplied = np.asarray(cv2.cvtColor(straight, cv2.COLOR_RGBA2mRGBA), np.uint8)
    stacked_bgr = cv2.cvtColor(pack_stacked(premultiplied, layout), cv2.COLOR_YUV2BGR_I420)
    expected = unpack_stacked_rgb(np.asarray(cv2.cvtColor(stacked_bgr, cv2.COLOR_BGR2RGB), np.uint8), layout)

    page.goto(f"{server_url}/health")
    png = base64.b64encode(cv2.imencode(".png", stacked_bgr)[1].tobytes()).decode()
    width, height, pixels = page.evaluate(DRAW, png)
    assert (width, height) == (width_px, height_px)
    drawn = np.array(pixels, np.uint8).reshape(height, width, 4)[::-1]
    assert np.abs(drawn.astype(int) - expected).max() <= 1
