"""How the tests and benchmarks start Chromium: the system's own, without a window, drawing on the CPU."""

from __future__ import annotations

import os
import shutil

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SOUND_FLAG = "--autoplay-policy=no-user-gesture-required"
"""As OBS starts its browser: sound without a click."""


def chromium_path() -> str | None:
    """The installed Chromium or Chrome; KUCHIPAKU_CHROMIUM names another. None if there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return os.environ.get("KUCHIPAKU_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
