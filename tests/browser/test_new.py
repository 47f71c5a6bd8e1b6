"""From a picture to a living character, as a visitor does it."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from kuchipaku.avatar import Avatar
from kuchipaku.avatars import AvatarRegistry
from tests.browser.pages import COUNT_FRAMES
from tests.tha.drawings import doll, encoded

pytestmark = pytest.mark.browser

DROP = """([id, content]) => {
  const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "little_doll.png", { type: "image/png" }));
  document.getElementById(id).dispatchEvent(
    new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path / "cache"))


def choose(page: Page, url: str, content: bytes, name: str = "little_doll.png") -> None:
    page.goto(f"{url}/new")
    page.set_input_files("#file", FilePayload(name=name, mimeType="image/png", buffer=content))


def head(page: Page) -> dict[str, float]:
    box = page.locator(".head-box").bounding_box()
    assert box is not None
    return {name: box[name] for name in ("x", "y", "width", "height")}


def test_a_picture_comes_to_life_and_gets_better(
    page: Page, server_url: str, registry: AvatarRegistry, avatar: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "0.05")
    choose(page, server_url, encoded(doll()))
    expect(page.get_by_role("heading", name="Is this the head?")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("Name")).to_have_value("Little doll")
    before = head(page)
    page.mouse.move(before["x"] + before["width"] / 2, before["y"] + before["height"] / 2)
    page.mouse.down()
    page.mouse.move(before["x"] + before["width"] / 2 + 20, before["y"] + before["height"] / 2 + 10, steps=4)
    page.mouse.up()
    moved = head(page)
    assert moved["x"] - before["x"] == pytest.approx(20, abs=1)
    assert moved["y"] - before["y"] == pytest.approx(10, abs=1)
    assert moved["width"] == pytest.approx(before["width"], abs=1)
    page.locator(".head-box").press("Shift+ArrowRight")
    assert head(page)["width"] > moved["width"]
    expect(page.get_by_text("Looking again…")).to_be_hidden(timeout=30_000)
    page.get_by_role("button", name="Bring to life").click()

    expect(page.get_by_role("heading", name="alive and getting better")).to_be_visible(timeout=60_000)
    expect(page.locator("body")).to_have_attribute("data-live", "live", timeout=30_000)
    expect(page.locator("#character")).to_be_visible()
    assert page.evaluate(COUNT_FRAMES, 1) >= 3
    expect(page.get_by_role("heading", name="Little doll is finished")).to_be_visible(timeout=60_000)
    living = next(one for one in registry.all() if one.character.name == "little-doll")
    assert living.character.facts.compiled_with["face_samples"] == 8
    page.get_by_role("button", name="Say hello").click()
    page.wait_for_function("document.querySelector('video')?.muted === false")
    page.get_by_role("link", name="To the stage", exact=True).click()
    expect(page.locator("#status")).to_have_attribute("data-state", "live", timeout=20_000)
    expect(page.locator("#characters")).to_have_value("little-doll")
    page.goto("about:blank")


def test_a_picture_dropped_on_the_stage_goes_to_the_new_page(page: Page, server_url: str) -> None:
    page.goto(server_url)
    expect(page.get_by_role("link", name="New character")).to_be_visible()
    page.evaluate(DROP, ["character", base64.b64encode(encoded(doll())).decode()])
    expect(page.get_by_role("heading", name="Is this the head?")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Another picture").click()
    expect(page.get_by_text("Drop a picture here")).to_be_visible()


def test_a_compile_is_stopped_and_its_head_adjusted(
    page: Page, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(page, server_url, encoded(doll()))
    expect(page.get_by_role("button", name="Bring to life")).to_be_visible(timeout=30_000)
    monkeypatch.setenv("SAMPLE_PAUSE_S", "1")
    page.get_by_role("button", name="Bring to life").click()
    expect(page.get_by_text("Drawing faces")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Adjust the head").click()
    page.locator(".head-box").press("ArrowDown")
    page.get_by_role("button", name="Bring to life").click()
    expect(page.get_by_text("Drawing faces")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    states = [one["state"] for one in httpx.get(f"{server_url}/api/v1/compiles").json()["compiles"]]
    assert states == ["cancelled"]


def test_a_picture_of_which_nothing_good_can_come_is_compiled_only_on_request(
    browser: Browser, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No eyes are seen in the doll; that the server says so is held back the first time."""
    page = browser.new_page()

    def hold_back(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"advice": []})

    page.route("**/examine*", hold_back, times=1)
    choose(page, server_url, encoded(doll()))
    start = page.get_by_role("button", name="Bring to life")
    expect(start).to_have_text("Bring to life", timeout=30_000)
    page.locator(".head-box").press("ArrowDown")
    with page.expect_response("**/api/v1/characters?*") as answer:
        start.click()
    assert answer.value.status == 422
    expect(start).to_have_text("Bring to life anyway", timeout=30_000)
    expect(page.get_by_label("About this picture")).to_contain_text("No pair of open eyes")
    monkeypatch.setenv("SAMPLE_PAUSE_S", "1")
    start.click()
    expect(page.get_by_text("Drawing faces")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    page.close()


def test_what_cannot_be_used_is_explained(browser: Browser, server_url: str) -> None:
    page = browser.new_page()
    with page.expect_response("**/cut-out*"):
        choose(page, server_url, b"no picture")
    expect(page.get_by_role("alert")).to_contain_text("not a picture")
    expect(page.get_by_text("Drop a picture here")).to_be_visible()
    page.close()
