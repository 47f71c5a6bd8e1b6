"""A real Chromium before a real server. Playwright only drives it; it downloads nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import FLAGS, SOUND_FLAG, chromium_path
from tests.serving import app, avatar, registry, server_url, voice

__all__ = ["app", "avatar", "registry", "server_url", "voice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("needs Chromium: install it, or name it in KUCHIPAKU_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*FLAGS, SOUND_FLAG])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, which must not report an error until the test is over."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1000, "height": 700}, color_scheme="light")
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    page.close()
    assert complaints == []
