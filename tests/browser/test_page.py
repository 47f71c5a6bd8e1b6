"""The page as a visitor meets it."""

from __future__ import annotations

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from kuchipaku.avatar import Avatar
from tests.browser.pages import COUNT_FRAMES, open_page, screenshot
from tests.stand_in import SKIN_RGB
from tests.waiting import eventually

pytestmark = pytest.mark.browser

LOUDEST = """() => new Promise(resolve => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(document.querySelector("video").srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), loudest);
  }, 10);
  setTimeout(() => { clearInterval(timer); void context.close(); resolve(loudest); }, 1500);
})"""


def test_the_character_moves_before_the_page(page: Page, server_url: str) -> None:
    open_page(page, server_url)
    assert page.evaluate(COUNT_FRAMES, 4) >= 10  # the benchmark says how many a quiet machine reaches
    first = screenshot(page)
    page.wait_for_timeout(1000)
    second = screenshot(page)
    box = page.locator("#character").bounding_box()
    assert box is not None
    page.locator("#character").evaluate("canvas => { canvas.style.visibility = 'hidden'; }")
    bare = screenshot(page)

    scale = box["width"] / 512
    left, top = round(box["x"] + 8), round(box["y"] + 8)
    right = round(box["x"] + box["width"] - 8)
    for x in (left, right):
        assert first[top, x].tolist() == bare[top, x].tolist()
    face_x, face_y = round(box["x"] + 256 * scale), round(box["y"] + 130 * scale)
    assert np.abs(first[face_y, face_x].astype(int) - SKIN_RGB).max() <= 8
    assert bare[face_y, face_x].tolist() != first[face_y, face_x].tolist()
    assert (first != second).any()


def test_a_typed_sentence_is_heard(page: Page, server_url: str) -> None:
    open_page(page, server_url)
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("Hello, this is a test of my voice, and it is not short.")
    page.keyboard.press("Enter")
    expect(page.locator("#subtitle")).to_contain_text("a test of my voice", timeout=20_000)
    assert page.evaluate(LOUDEST) > 0.02
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#text")).to_have_value("")
    page.click("#stop")
    expect(page.locator("#subtitle")).to_be_hidden()


def test_an_emotion_is_chosen(page: Page, server_url: str, avatar: Avatar) -> None:
    open_page(page, server_url)
    page.get_by_role("button", name="more").click()
    page.get_by_role("button", name="Gratitude").click()
    expect(page.get_by_role("button", name="Gratitude")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Neutral")).to_have_attribute("aria-pressed", "false")


def test_the_sound_button_stays_off(page: Page, server_url: str) -> None:
    open_page(page, server_url)
    page.keyboard.press("Shift")
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    page.click("#sound")
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Shift")
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "false")


def test_a_lost_session_comes_back(page: Page, server_url: str) -> None:
    sessions: list[str] = []
    page.on("response", lambda answer: sessions.extend(filter(None, [answer.headers.get("location")])))
    open_page(page, server_url)
    assert httpx.delete(server_url + sessions[0]).status_code == 200
    eventually(lambda: _polled(page) and len(sessions) == 2)
    expect(page.locator("#status")).to_have_attribute("data-state", "live", timeout=20_000)


def _polled(page: Page) -> bool:
    """Let Playwright deliver its events."""
    page.wait_for_timeout(50)
    return True


def test_the_obs_page_is_nothing_but_the_character(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 512, "height": 512})
    page.goto(f"{server_url}/obs/default")
    page.wait_for_selector("html[data-state=live]")
    page.evaluate(COUNT_FRAMES, 1)
    picture = screenshot(page, transparent=True)
    assert picture[8, 8].tolist() == [0, 0, 0, 0]
    assert picture[500, 8].tolist() == [0, 0, 0, 0]
    assert np.abs(picture[130, 256].astype(int) - (*SKIN_RGB, 255)).max() <= 8
    assert page.locator("video").evaluate("video => !video.muted && !video.paused")
