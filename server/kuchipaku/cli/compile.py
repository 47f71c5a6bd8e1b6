"""`kuchipaku compile`: a picture becomes a character."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kuchipaku.cli.console import out, progress_bar
from kuchipaku.cli.models import fetch_if_missing
from kuchipaku.paths import user_characters_folder
from kuchipaku_tha.errors import BadInputError

if TYPE_CHECKING:
    from kuchipaku_tha.compiler import CompileSettings


class Quality(StrEnum):
    """How much work goes into a character."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINE = "fine"


def compile_picture(
    picture: Annotated[Path, typer.Argument(help="PNG or WebP of one character, upright, on a transparent ground.")],
    name: Annotated[str, typer.Option(help="Up to 40 of a-z, 0-9, - and _.")],
    quality: Annotated[Quality, typer.Option(help="Takes about 1, 5 or 9 minutes on two cores.")] = Quality.STANDARD,
    title: Annotated[str, typer.Option(help="Name for people; made from NAME when absent.")] = "",
    author: Annotated[str, typer.Option(help="Who drew the picture.")] = "",
    licence: Annotated[str, typer.Option(help="Under which the picture may be used.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a character of that name.")] = False,
) -> None:
    """Turn a picture into a character that moves in milliseconds per frame. Needed once per picture."""
    from kuchipaku_tha.character import CharacterFacts, check_name, title_from
    from kuchipaku_tha.compiler import compile_character
    from kuchipaku_tha.picture import load_picture
    from kuchipaku_tha.teacher import Teacher

    check_name(name)
    load_picture(picture)
    folder = user_characters_folder() / name
    if folder.exists() and not force:
        raise BadInputError(f"There is a character {name!r} already in {folder}. Choose another name, or use --force.")
    fetch_if_missing()
    facts = CharacterFacts(title or title_from(name), author, licence)
    with progress_bar() as bar:
        task = bar.add_task("loading the teacher", total=None)

        def report(stage: str, done: float, total: float) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        compile_character(
            picture, name, folder, teacher=Teacher.load(), settings=_settings(quality), facts=facts, progress=report
        )
    out.print(f"{name} is in {folder}", soft_wrap=True, markup=False)
    out.print(f"Show it: kuchipaku serve --character {name}")


def _settings(quality: Quality) -> CompileSettings:
    from kuchipaku_tha.compiler import DRAFT, FINE, STANDARD

    return {Quality.DRAFT: DRAFT, Quality.STANDARD: STANDARD, Quality.FINE: FINE}[quality]
