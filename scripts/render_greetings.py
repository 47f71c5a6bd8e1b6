"""Render the moving pictures of the README: every built-in character says hello, as docs/NAME.webp.

python scripts/render_greetings.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from kuchipaku.alpha import unpremultiply
from kuchipaku.avatar import Avatar
from kuchipaku.characters import CharacterLibrary
from kuchipaku.clock import ManualClock
from kuchipaku.paths import bundled_folder
from kuchipaku.recording import perform
from kuchipaku.speech import default_synthesizer
from kuchipaku.types import Frame
from kuchipaku_tha.character import Character

DOCS = Path(__file__).resolve().parent.parent / "docs"
FPS = 15.0
TEXT = "Hello there! I was a picture once."
HEAD_AND_SHOULDERS = (96, 16, 416, 336)
"""Left, top, right and bottom in px: the part that the character's preview shows."""
SIZE_PX = 256


def main() -> None:
    """Render all built-in characters."""
    library = CharacterLibrary([bundled_folder("characters")])
    for name in library.names():
        path = DOCS / f"{name}.webp"
        greet(library.load(name), path)
        print(f"{path}: {path.stat().st_size // 1000} kB")


def greet(character: Character, path: Path) -> None:
    """Write an endless animation with alpha, without sound."""
    avatar = Avatar("greeting", character, clock=ManualClock(), voice=default_synthesizer(), fps=FPS, seed=4)
    first, *others = [_picture(frame) for frame, _sound in perform(avatar, TEXT)]
    first.save(path, save_all=True, append_images=others, duration=round(1000 / FPS), loop=0, quality=60, method=4)


def _picture(frame: Frame) -> Image.Image:
    cropped = Image.fromarray(np.array(unpremultiply(frame.rgba))).crop(HEAD_AND_SHOULDERS)
    return cropped.resize((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
