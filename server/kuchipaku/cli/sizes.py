"""The option that chooses how large frames are."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from kuchipaku_tha.framing import FRAME_SIZES, FrameSize

SizeOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--size",
        metavar="|".join(map(str, FRAME_SIZES)),
        help="Longer side of the picture in pixels; own keeps the drawing's. Absent: the drawing's, at most 512.",
    ),
]


def frame_size(text: str | None) -> FrameSize | None:
    """What ``--size`` asks for.

    Raises:
        typer.BadParameter: there is no such size.
    """
    for size in FRAME_SIZES:
        if text == str(size):
            return size
    if text is None:
        return None
    raise typer.BadParameter(f"{text!r} is none of {', '.join(map(str, FRAME_SIZES))}.", param_hint="--size")
