"""`kuchipaku check`: whether a picture can become a character, and what would make it a better one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kuchipaku.cli.console import err, out
from kuchipaku.cli.models import fetch_if_missing
from kuchipaku.cli.picture_options import HeadOption, RemoveBackgroundOption, ToleranceOption, asked_tolerance
from kuchipaku_tha.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kuchipaku_tha.advice import Advice
    from kuchipaku_tha.morpher import StraightRgba
    from kuchipaku_tha.placement import Placement

_STYLES = {"error": "bold red", "warning": "yellow", "hint": "cyan"}


def check(
    picture: Annotated[Path, typer.Argument(help="PNG, WebP, AVIF or JPEG.")],
    head: HeadOption = "",
    remove_background: RemoveBackgroundOption = False,
    tolerance: ToleranceOption = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Draw the findings into this PNG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at a picture the way the compiler will, and say what to improve. Nothing is compiled."""
    from kuchipaku_tha.advice import examine
    from kuchipaku_tha.head import place
    from kuchipaku_tha.picture import load_picture
    from kuchipaku_tha.placement import parse_head
    from kuchipaku_tha.teacher import Teacher

    head_box = parse_head(head) if head else None
    loaded = load_picture(picture, background_tolerance=asked_tolerance(remove_background, tolerance))
    fetch_if_missing()
    teacher = Teacher.load()
    placement = place(loaded, head_box, teacher)
    advice = examine(loaded, placement, teacher)
    if output is not None:
        _draw(loaded, placement, advice, output)
    if as_json:
        out.print_json(json.dumps(_document(loaded, placement, advice)))
    else:
        _print(loaded, placement, advice)


def _document(picture: StraightRgba, placement: Placement, advice: Sequence[Advice]) -> dict[str, object]:
    return {
        "width_px": picture.shape[1],
        "height_px": picture.shape[0],
        "head": asdict(placement.head),
        "placement": asdict(placement),
        "advice": [asdict(item) for item in advice],
    }


def _print(picture: StraightRgba, placement: Placement, advice: Sequence[Advice]) -> None:
    head = placement.head
    out.print(
        f"{picture.shape[1]}×{picture.shape[0]} px. "
        f"Head: {head.left_px:.0f},{head.top_px:.0f},{head.width_px:.0f},{head.height_px:.0f}",
        highlight=False,
    )
    for item in advice:
        out.print(f"[{_STYLES[item.severity]}]{item.severity}[/] {item.reason} {item.remedy}", highlight=False)
    if not advice:
        out.print("Nothing to complain of.")


def _draw(picture: StraightRgba, placement: Placement, advice: Sequence[Advice], output: Path) -> None:
    from kuchipaku_tha.marks import draw_advice
    from kuchipaku_tha.picture import save_png

    try:
        save_png(draw_advice(picture, placement, advice), output)
    except OSError as error:
        raise BadInputError(f"{output} cannot be written: {error.strerror}. Choose another place with -o.") from error
    err.print(f"Wrote {output}", soft_wrap=True, markup=False)
