"""`kuchipaku compile`: a picture becomes a character."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.progress import TextColumn

from kuchipaku.cli.console import err, out, progress_bar
from kuchipaku.cli.models import fetch_if_missing
from kuchipaku.cli.picture_options import HeadOption, RemoveBackgroundOption, ToleranceOption, asked_tolerance
from kuchipaku.paths import user_characters_folder
from kuchipaku_tha.errors import BadInputError

if TYPE_CHECKING:
    from kuchipaku_tha.character import CharacterFacts
    from kuchipaku_tha.morpher import StraightRgba
    from kuchipaku_tha.placement import Box
    from kuchipaku_tha.progress import Progress, ProgressListener
    from kuchipaku_tha.quality import CompileSettings

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


class Quality(StrEnum):
    """How much work goes into a character."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINE = "fine"


def compile_picture(
    name: Annotated[str, typer.Option(help="Up to 40 of a-z, 0-9, - and _.")],
    picture: Annotated[
        Path | None, typer.Argument(help="Picture of one character, upright, on a transparent ground.")
    ] = None,
    from_tha4: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of a THA4 student, in place of a picture.")
    ] = None,
    teacher: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of other THA3 weights than the fetched ones.")
    ] = None,
    quality: Annotated[Quality, typer.Option(help="Takes about 1, 4 or 7 minutes on two cores.")] = Quality.STANDARD,
    head: HeadOption = "",
    remove_background: RemoveBackgroundOption = False,
    tolerance: ToleranceOption = None,
    title: Annotated[str, typer.Option(help="Name for people; made from NAME when absent.")] = "",
    author: Annotated[str, typer.Option(help="Who drew the picture.")] = "",
    licence: Annotated[str, typer.Option(help="Under which the picture may be used.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a character of that name.")] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Compile a picture of which nothing good can come, as far as can be told.")
    ] = False,
    threads: Annotated[int | None, typer.Option(min=1, max=16, help="Cores to use; all, up to 3, when absent.")] = None,
) -> None:
    """Turn a picture into a character that moves in milliseconds per frame. Needed once per picture.

    Ctrl-C stops it; the same command goes on where it was.
    """
    from kuchipaku_tha.character import check_name
    from kuchipaku_tha.compiler import is_compiled_from
    from kuchipaku_tha.placement import parse_head

    check_name(name)
    head_box = parse_head(head) if head else None
    removal = asked_tolerance(remove_background, tolerance)
    folder = user_characters_folder() / name
    order = _Order(name, folder, _settings(quality), title, author, licence, threads, anyway)
    if from_tha4 is None:
        if picture is None:
            raise BadInputError("Name a picture, or with --from-tha4 the folder of a THA4 student.")
        source, run = _picture_compile(order, picture, head_box, removal, teacher)
    else:
        if picture is not None or head_box is not None or removal is not None or teacher is not None:
            raise BadInputError(
                "A THA4 student comes with its own picture, which stays as it is: leave out the picture, --head, "
                "--remove-background and --teacher."
            )
        source, run = _student_compile(order, from_tha4)
    if folder.exists() and not force and not is_compiled_from(folder, source, order.settings):
        raise BadInputError(f"There is a character {name!r} already in {folder}. Choose another name, or use --force.")
    if from_tha4 is None and teacher is None:
        fetch_if_missing()
    try:
        with _ProgressDisplay() as display:
            run(display.show)
    except KeyboardInterrupt:
        err.print("Stopped; run the same command to go on.")
        raise typer.Exit(INTERRUPTED) from None
    out.print(f"{name} is in {folder}", soft_wrap=True, markup=False)
    out.print(f"Show it: kuchipaku serve --character {name}")


@dataclass(frozen=True)
class _Order:
    """What is to be made, whatever it is made from."""

    name: str
    folder: Path
    settings: CompileSettings
    title: str
    author: str
    licence: str
    threads: int | None
    anyway: bool

    def facts(self) -> CharacterFacts:
        from kuchipaku_tha.character import CharacterFacts, title_from

        return CharacterFacts(self.title or title_from(self.name), self.author, self.licence)


_Run: TypeAlias = "Callable[[ProgressListener], object]"


def _picture_compile(
    order: _Order, picture: Path, head: Box | None, background_tolerance: float | None, teacher_folder: Path | None
) -> tuple[StraightRgba, _Run]:
    """A picture, which is read now, and its compile; the teacher is loaded when that starts."""
    from kuchipaku_tha.advice import examine, refuse_errors
    from kuchipaku_tha.compiler import compile_source, is_compiled_from
    from kuchipaku_tha.head import place
    from kuchipaku_tha.picture import load_picture
    from kuchipaku_tha.teacher import Teacher

    source = load_picture(picture, background_tolerance=background_tolerance)

    def run(listener: ProgressListener) -> object:
        teacher = Teacher.load(teacher_folder, threads=1)
        placement = place(source, head, teacher)
        if not (order.anyway or is_compiled_from(order.folder, source, order.settings)):
            refuse_errors(examine(source, placement, teacher), "With --anyway it is compiled all the same.")
        return compile_source(
            source,
            placement,
            order.name,
            order.folder,
            teacher=teacher,
            settings=order.settings,
            facts=order.facts(),
            listener=listener,
            threads=order.threads,
        )

    return source, run


def _student_compile(order: _Order, folder: Path) -> tuple[StraightRgba, _Run]:
    """The picture of a THA4 student, which is loaded now, and its compile."""
    from kuchipaku_tha.compiler import compile_source
    from kuchipaku_tha.placement import IDENTITY
    from kuchipaku_tha.tha4.student import CREDIT, Tha4Student

    student = Tha4Student.load(folder, threads=1)
    return student.picture, lambda listener: compile_source(
        student.picture,
        IDENTITY,
        order.name,
        order.folder,
        teacher=student,
        settings=order.settings,
        facts=replace(order.facts(), morph_credit=CREDIT, morph_licence=order.licence),
        listener=listener,
        threads=order.threads,
    )


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


def _settings(quality: Quality) -> CompileSettings:
    from kuchipaku_tha.quality import DRAFT, FINE, STANDARD

    return {Quality.DRAFT: DRAFT, Quality.STANDARD: STANDARD, Quality.FINE: FINE}[quality]
