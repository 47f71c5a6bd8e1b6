"""The whole live path in a real browser: `kuchipaku serve`, WebRTC, and the page in Chromium, on this machine.

    python -m benchmarks.browser_live [--seconds 20] [--screenshot FILE] [--json]

Counts the frames that the page draws while the character speaks, how many of them differ from the one before, what
server and browser cost, and compares the corners of the picture with the bare page: they must be equal.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import psutil
from numpy.typing import NDArray
from playwright.sync_api import Page, ViewportSize, sync_playwright
from rich.console import Console
from rich.table import Table

from kuchipaku.bench.machine import this_machine
from tests.browser.chromium import FLAGS, SOUND_FLAG, chromium_path

WINDOW_PX = ViewportSize(width=1280, height=800)
WARM_UP_S = 5.0
TEXT = "This is a long story about a little bird who wanted to see the sea. " * 4

COUNT = """async seconds => {
  const video = document.querySelector("video");
  const canvas = document.querySelector("#character");
  const small = new OffscreenCanvas(64, 64).getContext("2d", { willReadFrequently: true });
  let frames = 0, changes = 0, before = "", delay = 0;
  const count = (_now, metadata) => {
    frames += 1;
    delay += metadata.expectedDisplayTime - metadata.receiveTime;
    small.clearRect(0, 0, 64, 64);
    small.drawImage(canvas, 0, 0, 64, 64);
    const picture = small.getImageData(0, 0, 64, 64).data.join();
    changes += picture !== before;
    before = picture;
    video.requestVideoFrameCallback(count);
  };
  video.requestVideoFrameCallback(count);
  const began = performance.now();
  await new Promise(resolve => setTimeout(resolve, 1000 * seconds));
  const passed = (performance.now() - began) / 1000;
  return { fps: frames / passed, changed_share: changes / frames, delay_ms: delay / frames };
}"""

HIDE = """() => {
  const canvas = document.querySelector("#character");
  canvas.style.visibility = "hidden";
  const { left, right, top } = canvas.getBoundingClientRect();
  return [Math.round(left) + 4, Math.round(right) - 4, Math.round(top) + 4];
}"""
"""Hides the character; gives the left and right column and the row, in px, of its upper corners."""


@dataclass(frozen=True)
class Live:
    """What was measured.

    Attributes:
        fps: frames that the page drew per second.
        changed_share: share of them that differ from the frame before, seen at 64×64.
        delay_ms: mean time of a frame from its arrival in the browser to the screen.
        connect_s: from opening the page to its first frame.
        server_cores: processor time of the server per second, in cores.
        browser_cores: the same of all of Chromium's processes.
        corners_equal: whether the page shows unchanged at the corners of the picture.
        machine: where.
    """

    fps: float
    changed_share: float
    delay_ms: float
    connect_s: float
    server_cores: float
    browser_cores: float
    corners_equal: bool
    machine: dict[str, Any]


@contextmanager
def serving() -> Iterator[tuple[str, psutil.Process]]:
    """Our own server on a free port."""
    command = [sys.executable, "-m", "kuchipaku", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as server:
        try:
            yield printed_url(server), psutil.Process(server.pid)
        finally:
            server.terminate()


def printed_url(server: subprocess.Popen[str]) -> str:
    """The address that a starting server prints."""
    for line in server.stdout or ():
        if found := re.search(r"http://[\d.:]+", line):
            return found[0]
    sys.exit("The server ended before it printed its address.")


def measure(page: Page, url: str, seconds: float, server: psutil.Process, screenshot: Path | None) -> Live:
    """Open the page, let the character speak, and watch."""
    opened_s = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("#status[data-state=live]")
    page.wait_for_function("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 0")
    connect_s = time.perf_counter() - opened_s
    page.wait_for_timeout(1000 * WARM_UP_S)
    avatar = httpx.get(f"{url}/api/v1/avatars").json()["avatars"][0]["id"]
    httpx.post(f"{url}/api/v1/avatars/{avatar}/speak", json={"text": TEXT}).raise_for_status()

    before_s = (cpu_s(server), browser_cpu_s())
    counted = page.evaluate(COUNT, seconds)
    server_cores, browser_cores = (
        (after - before) / seconds for after, before in zip((cpu_s(server), browser_cpu_s()), before_s, strict=True)
    )
    shown = screenshot_of(page)
    if screenshot is not None:
        screenshot.write_bytes(cv2.imencode(".png", shown)[1].tobytes())
    return Live(
        **counted,
        connect_s=connect_s,
        server_cores=server_cores,
        browser_cores=browser_cores,
        corners_equal=corners_equal(page, shown),
        machine=asdict(this_machine()),
    )


def corners_equal(page: Page, shown: NDArray[np.uint8]) -> bool:
    """Whether the upper corners of the picture look like the page without it."""
    left, right, top = page.evaluate(HIDE)
    bare = screenshot_of(page)
    return all(bool((shown[top, x] == bare[top, x]).all()) for x in (left, right))


def screenshot_of(page: Page) -> NDArray[np.uint8]:
    """What the page shows, BGR."""
    picture = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


def cpu_s(process: psutil.Process) -> float:
    """Processor time that a process has used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def browser_cpu_s() -> float:
    """The same of all browser processes that this one started."""
    children = psutil.Process().children(recursive=True)
    return sum(cpu_s(child) for child in children if "chrom" in child.name())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--screenshot", type=Path, help="where to put a picture of the page, PNG")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    path = chromium_path()
    if path is None:
        sys.exit("Chromium is not installed, or not found: name it in KUCHIPAKU_CHROMIUM.")
    with serving() as (url, server), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*FLAGS, SOUND_FLAG])
        page = browser.new_page(viewport=WINDOW_PX)
        live = measure(page, url, options.seconds, server, options.screenshot)
        browser.close()
    show(live)
    if options.json:
        print(json.dumps(asdict(live)))


def show(live: Live) -> None:
    """Print a table."""
    table = Table("The page in Chromium", "")
    table.add_row("frames per second", f"{live.fps:.1f}")
    table.add_row("of which changed", f"{live.changed_share:.0%}")
    table.add_row("from arrival to the screen", f"{live.delay_ms:.0f} ms")
    table.add_row("from opening to the first frame", f"{live.connect_s:.1f} s")
    table.add_row("server", f"{live.server_cores:.2f} cores")
    table.add_row("Chromium, drawing on the CPU", f"{live.browser_cores:.2f} cores")
    table.add_row("page shows at the picture's corners", "yes" if live.corners_equal else "NO")
    Console().print(table)


if __name__ == "__main__":
    main()
