"""`kuchipaku compile`: a picture becomes a character."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import TextColumn

from kuchipaku.cli.console import err, out, progress_bar
from kuchipaku.cli.models import fetch_if_missing
from kuchipaku.paths import user_characters_folder
from kuchipaku_tha.errors import BadInputError

if TYPE_CHECKING:
    from kuchipaku_tha.compiler import CompileSettings
    from kuchipaku_tha.placement import Box
    from kuchipaku_tha.progress import Progress

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


class Quality(StrEnum):
    """How much work goes into a character."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINE = "fine"


def compile_picture(
    picture: Annotated[Path, typer.Argument(help="Picture of one character, upright, on a transparent ground.")],
    name: Annotated[str, typer.Option(help="Up to 40 of a-z, 0-9, - and _.")],
    quality: Annotated[Quality, typer.Option(help="Takes about 1, 5 or 9 minutes on two cores.")] = Quality.STANDARD,
    head: Annotated[
        str,
        typer.Option(
            metavar="LEFT,TOP,WIDTH,HEIGHT",
            help="Where the head is, in pixels, from the top of the hair to the chin; found when absent.",
        ),
    ] = "",
    remove_background: Annotated[
        bool, typer.Option("--remove-background", help="Remove a plain background first.")
    ] = False,
    tolerance: Annotated[
        float | None, typer.Option(min=0, max=1, help="How much the background to remove may vary; 0.1 when absent.")
    ] = None,
    title: Annotated[str, typer.Option(help="Name for people; made from NAME when absent.")] = "",
    author: Annotated[str, typer.Option(help="Who drew the picture.")] = "",
    licence: Annotated[str, typer.Option(help="Under which the picture may be used.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a character of that name.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, max=16, help="Cores to use; all, up to 4, when absent.")] = None,
) -> None:
    """Turn a picture into a character that moves in milliseconds per frame. Needed once per picture.

    Ctrl-C stops it; the same command goes on where it was.
    """
    from kuchipaku_tha.background import DEFAULT_TOLERANCE
    from kuchipaku_tha.character import CharacterFacts, check_name, title_from
    from kuchipaku_tha.compiler import compile_character
    from kuchipaku_tha.picture import load_picture
    from kuchipaku_tha.teacher import Teacher

    check_name(name)
    head_box = _head_box(head) if head else None
    removal = (DEFAULT_TOLERANCE if tolerance is None else tolerance) if remove_background else None
    load_picture(picture, background_tolerance=removal)
    folder = user_characters_folder() / name
    if folder.exists() and not force:
        raise BadInputError(f"There is a character {name!r} already in {folder}. Choose another name, or use --force.")
    fetch_if_missing()
    facts = CharacterFacts(title or title_from(name), author, licence)
    try:
        with _ProgressDisplay() as display:
            compile_character(
                picture,
                name,
                folder,
                teacher=Teacher.load(threads=1),
                settings=_settings(quality),
                head=head_box,
                background_tolerance=removal,
                facts=facts,
                listener=display.show,
                threads=threads,
            )
    except KeyboardInterrupt:
        err.print("Stopped; run the same command to go on.")
        raise typer.Exit(INTERRUPTED) from None
    out.print(f"{name} is in {folder}", soft_wrap=True, markup=False)
    out.print(f"Show it: kuchipaku serve --character {name}")


class _ProgressDisplay:
    """A bar with the stage, samples per second, and the time left."""

    def __init__(self) -> None:
        from kuchipaku.compiling.pace import Pace

        self._bar = progress_bar(TextColumn("{task.fields[speed]}"))
        self._task = self._bar.add_task("loading the teacher", total=None, speed="")
        self._pace = Pace()

    def __enter__(self) -> _ProgressDisplay:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Take a report."""
        self._pace.see(progress)
        speed = self._pace.samples_per_second
        self._bar.update(
            self._task,
            description=progress.words,
            completed=progress.done,
            total=progress.total,
            speed="" if speed is None else f"{speed:.1f} samples/s",
        )


def _head_box(text: str) -> Box:
    from kuchipaku_tha.placement import Box

    try:
        left, top, width, height = (float(number) for number in text.split(","))
    except ValueError:
        raise BadInputError(f"--head takes four numbers such as 180,40,160,170, not {text!r}.") from None
    if not (width > 0 and height > 0):
        raise BadInputError(f"--head needs a width and a height above 0, not {text!r}.")
    return Box(left, top, width, height)


def _settings(quality: Quality) -> CompileSettings:
    from kuchipaku_tha.compiler import DRAFT, FINE, STANDARD

    return {Quality.DRAFT: DRAFT, Quality.STANDARD: STANDARD, Quality.FINE: FINE}[quality]
