"""`kuchipaku models`: the teacher's weights."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.progress import DownloadColumn, TaskID
from rich.table import Table

from kuchipaku.cli.console import err, out, progress_bar
from kuchipaku_tha.fetch import (
    TEACHER_VARIABLE,
    THA3,
    Stage,
    fetch_teacher,
    missing_weights,
    needs_fetching,
    own_weights_folder,
    teacher_folder,
)

app = typer.Typer(help="The teacher's weights (THA3): needed to compile characters, not to show them.")

STAGES: dict[Stage, str] = {"download": "Downloading", "check": "Checking", "extract": "Unpacking"}


@app.command()
def fetch() -> None:
    """Download, check and unpack the weights (55 MB). May be interrupted and repeated."""
    folder = fetch_with_progress()
    out.print(f"The teacher's weights are in {folder}", soft_wrap=True, markup=False)


@app.command("list")
def list_models() -> None:
    """Show every weight file and whether it is there and intact."""
    folder = teacher_folder()
    missing = set(missing_weights(folder))
    table = Table(
        "file", "size", "state", title="THA3 separable_float, Pramook Khungurn, CC BY 4.0", title_justify="left"
    )
    for name in THA3.files:
        path = folder / name
        size = f"{path.stat().st_size / 1e6:.1f} MB" if path.is_file() else ""
        state = "[green]ready" if name not in missing else "[red]damaged" if path.is_file() else "[yellow]not fetched"
        table.add_row(name, size, state)
    out.print(table)
    own = own_weights_folder()
    if own is not None:
        out.print(f"{TEACHER_VARIABLE} names others, which are used in their place: {own}", markup=False)
    elif missing:
        out.print("`kuchipaku models fetch` gets what is missing.")


@app.command()
def path() -> None:
    """Print the folder of the weights."""
    out.print(str(teacher_folder()), soft_wrap=True, markup=False)


def fetch_with_progress() -> Path:
    """Fetch what is missing, with a progress bar per stage.

    Returns:
        the folder of the weights.

    Raises:
        FetchError: no network, no pip, no space, or something else than the published file was delivered.
    """
    with progress_bar(DownloadColumn()) as bar:
        tasks: dict[Stage, TaskID] = {}

        def report(stage: Stage, done_bytes: int, total_bytes: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(STAGES[stage])
            bar.update(tasks[stage], completed=done_bytes, total=total_bytes)

        return fetch_teacher(progress=report)


def fetch_if_missing() -> None:
    """Make sure that the weights are there, saying so when they have to be fetched.

    Raises:
        FetchError: as for :func:`fetch_with_progress`.
    """
    if needs_fetching():
        err.print("The teacher's weights are missing or damaged: fetching them (55 MB).")
        fetch_with_progress()
