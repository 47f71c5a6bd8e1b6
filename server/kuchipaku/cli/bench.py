"""`kuchipaku bench`: what a character costs on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from kuchipaku.cli.console import out

STEPS = ("draw", "pack", "encode")


def bench(
    character: Annotated[str | None, typer.Option(help="Whom to measure; a built-in character when absent.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Measure, on one core: a drawn frame, the teacher's, the whole live path with encoding, and memory."""
    command = [sys.executable, "-m", "kuchipaku.bench", *([character] if character else [])]
    child = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=False)  # noqa: S603
    if child.returncode:
        raise typer.Exit(1)
    line = child.stdout.strip().splitlines()[-1]
    if as_json:
        typer.echo(line)
    else:
        _print_report(json.loads(line))


def _print_report(report: dict[str, Any]) -> None:
    machine, live, teacher = report["machine"], report["live"], report["teacher"]
    table = Table(
        title=f"{report['character']} on one core of {machine['cpu']}", title_justify="left", show_header=False
    )
    table.add_column()
    table.add_column(justify="right")
    table.add_row("one frame, compiled", f"{report['morpher']['median_ms']:.2f} ms")
    if teacher:
        table.add_row("one frame, teacher (ONNX Runtime, one thread)", f"{teacher['median_ms']:.0f} ms")
        table.add_row("teacher / compiled", f"{report['teacher_over_morpher']:.0f}×")
    table.add_row(
        "live path: draw / pack / encode", " / ".join(f"{live[step]['mean_ms']:.1f}" for step in STEPS) + " ms"
    )
    table.add_row("live path with VP8 encoding", f"{live['fps']:.0f} frames per second")
    table.add_row("peak memory, live path", f"{report['peak_memory_mb']:.0f} MiB")
    out.print(table)
    if not teacher:
        out.print("The teacher was not measured: `kuchipaku models fetch` gets its weights.")
