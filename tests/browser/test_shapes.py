"""A character whose picture is not square, on both pages."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from kuchipaku.avatar import Avatar
from kuchipaku.avatars import AvatarRegistry
from tests.browser.pages import COUNT_FRAMES, open_page, screenshot
from tests.stand_in import SKIN_RGB, stand_in_character

pytestmark = pytest.mark.browser

HEIGHT_PX = 1000
FACE_X, FACE_Y = 256 / 512, 130 / HEIGHT_PX
"""A place on the face, as shares of the picture."""


@pytest.fixture
def avatar(registry: AvatarRegistry) -> Avatar:
    return registry.create("default", stand_in_character(HEIGHT_PX), seed=1)


def test_a_tall_picture_fits_the_page(page: Page, server_url: str) -> None:
    open_page(page, server_url)
    stage, box = page.locator("main").bounding_box(), page.locator("#character").bounding_box()
    assert stage is not None
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(512 / HEIGHT_PX, rel=0.01)
    assert box["y"] >= stage["y"] - 1
    assert box["y"] + box["height"] <= stage["y"] + stage["height"] + 1
    assert box["height"] > 0.95 * stage["height"]
    face = screenshot(page)[round(box["y"] + FACE_Y * box["height"]), round(box["x"] + FACE_X * box["width"])]
    assert np.abs(face.astype(int) - SKIN_RGB).max() <= 8


@pytest.mark.parametrize(("width_px", "height_px"), [(256, 500), (500, 500)])
def test_obs_shows_all_of_it(page: Page, server_url: str, width_px: int, height_px: int) -> None:
    page.set_viewport_size({"width": width_px, "height": height_px})
    page.goto(f"{server_url}/obs/default")
    page.wait_for_selector("html[data-state=live]")
    page.evaluate(COUNT_FRAMES, 1)
    assert page.locator("canvas").evaluate("canvas => [canvas.width, canvas.height]") == [512, HEIGHT_PX]
    picture = screenshot(page, transparent=True)
    assert np.abs(picture[65, width_px // 2].astype(int) - (*SKIN_RGB, 255)).max() <= 8
    assert picture[65, width_px // 2 + 100].tolist() == [0, 0, 0, 0]
    assert picture[400, width_px // 2].tolist() == [0, 0, 0, 0]
