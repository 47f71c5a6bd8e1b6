"""The `kuchipaku` program: its commands, its options, and how errors are shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from kuchipaku import __version__
from kuchipaku.cli.bench import bench
from kuchipaku.cli.cache import app as cache
from kuchipaku.cli.check import check
from kuchipaku.cli.compile import compile_picture
from kuchipaku.cli.console import out, show_error, use_utf8
from kuchipaku.cli.doctor import doctor
from kuchipaku.cli.models import app as models
from kuchipaku.cli.pose import pose
from kuchipaku.cli.render import render
from kuchipaku.cli.serve import serve
from kuchipaku_tha.errors import KuchipakuError


@dataclass
class Settings:
    """Options that hold for every command."""

    debug: bool = False


settings = Settings()

app = typer.Typer(
    name="kuchipaku",
    help="One picture of an anime character, alive: breathing, blinking, speaking.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("serve")(serve)
app.command("check")(check)
app.command("compile")(compile_picture)
app.command("render")(render)
app.command("pose")(pose)
app.add_typer(models, name="models")
app.add_typer(cache, name="cache")
app.command("doctor")(doctor)
app.command("bench")(bench)


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"kuchipaku {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options before the command."""
    settings.debug = debug


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 when it worked, 1 when it could not (with one line that says why), 2 for wrong usage.

    Args:
        arguments: the words after the program's name; those of this process when absent.
    """
    use_utf8()
    try:
        app(args=arguments)
    except KuchipakuError as error:
        if settings.debug:
            raise
        show_error(error)
        sys.exit(1)
