"""What the commands print: results to standard output, progress and errors to standard error."""

from __future__ import annotations

import io
import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from kuchipaku_tha.errors import KuchipakuError

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def use_utf8() -> None:
    """Make both streams UTF-8, which Windows consoles and pipes are not by default."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def show_error(error: KuchipakuError) -> None:
    """Print an error as one red line on standard error."""
    err.print(Text(str(error), style="bold red"), soft_wrap=True)


def progress_bar(*columns: ProgressColumn) -> Progress:
    """A progress bar on standard error with elapsed and remaining time; ``columns`` go before the times."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=False),
        console=err,
    )
