"""What tests do with pages that show a character."""

from __future__ import annotations

import cv2
import numpy as np
from playwright.sync_api import Page, expect

from kuchipaku.alpha import Rgb

COUNT_FRAMES = """seconds => new Promise(resolve => {
  const video = document.querySelector("video");
  let frames = 0;
  const count = () => { frames += 1; video.requestVideoFrameCallback(count); };
  video.requestVideoFrameCallback(count);
  setTimeout(() => resolve(frames / seconds), 1000 * seconds);
})"""


def open_page(page: Page, url: str) -> None:
    """Go there and wait until the character is drawn."""
    page.goto(url)
    expect(page.locator("#status")).to_have_attribute("data-state", "live", timeout=20_000)
    expect(page.locator("#figures")).to_contain_text("fps", timeout=20_000)


def screenshot(page: Page, *, transparent: bool = False) -> Rgb:
    png = page.screenshot(omit_background=transparent)
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    conversion = cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(picture, conversion), np.uint8)
