"""Render characters/NAME/source.svg to characters/NAME/picture.png.

    python scripts/render_characters.py [NAME ...]

Without names, every character folder that has a source.svg is rendered. The picture is 512 x 512
RGBA with straight alpha, the form the animator reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

CHARACTERS = Path(__file__).resolve().parent.parent / "characters"
SIZE = 512


def render(source: Path, size: int = SIZE) -> bytes:
    """The PNG bytes of a drawing, as a square of `size` pixels."""
    try:
        import resvg_py
    except ImportError as error:
        raise SystemExit("rendering needs resvg-py: pip install resvg-py") from error
    return bytes(resvg_py.svg_to_bytes(svg_path=str(source), width=size, height=size, skip_system_fonts=True))


def main(arguments: list[str] | None = None) -> int:
    """Render the named characters, or all of them."""
    parser = argparse.ArgumentParser(description="Render character drawings to picture.png.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="folders under characters/")
    names: list[str] = parser.parse_args(arguments).names
    known = sorted(path.parent.name for path in CHARACTERS.glob("*/source.svg"))
    for name in names or known:
        if name not in known:
            parser.error(f"no characters/{name}/source.svg (there are: {', '.join(known)})")
        picture = CHARACTERS / name / "picture.png"
        picture.write_bytes(render(CHARACTERS / name / "source.svg"))
        print(f"{name}: {picture.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
