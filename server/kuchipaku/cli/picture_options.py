"""Options of the commands that read a picture."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

HeadOption: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="LEFT,TOP,WIDTH,HEIGHT",
        help="Where the head is, in pixels, from the top of the hair to the chin; found when absent.",
    ),
]
RemoveBackgroundOption: TypeAlias = Annotated[
    bool, typer.Option("--remove-background", help="Remove a plain background first.")
]
ToleranceOption: TypeAlias = Annotated[
    float | None, typer.Option(min=0, max=1, help="How much the background to remove may vary; 0.1 when absent.")
]


def asked_tolerance(remove_background: bool, tolerance: float | None) -> float | None:
    """The tolerance with which to remove the background; None to leave it."""
    from kuchipaku_tha.background import DEFAULT_TOLERANCE

    if not remove_background:
        return None
    return DEFAULT_TOLERANCE if tolerance is None else tolerance
