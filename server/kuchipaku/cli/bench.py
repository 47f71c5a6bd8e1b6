"""`kuchipaku bench`: what a character costs on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from kuchipaku.cli.console import out

STEPS = ("draw", "pack", "encode")
OTHERS = {
    "warp": "plain 512×512 RGBA warp",
    "teacher": "teacher (ONNX Runtime)",
    "teacher_torch": "teacher (torch)",
    "student": "THA4 student (ONNX Runtime)",
    "student_torch": "THA4 student (torch)",
}


def bench(
    character: Annotated[str | None, typer.Option(help="Whom to measure; a built-in character when absent.")] = None,
    tha4: Annotated[Path | None, typer.Option(help="Folder of a THA4 student to compare with.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Measure, on one core: a drawn frame and how long others take for it, the live path with encoding, memory."""
    options = {"--character": character, "--tha4": tha4}
    given = [str(part) for option, value in options.items() if value is not None for part in (option, value)]
    command = [sys.executable, "-m", "kuchipaku.bench", *given]
    child = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=False)  # noqa: S603
    if child.returncode:
        raise typer.Exit(1)
    line = child.stdout.strip().splitlines()[-1]
    if as_json:
        typer.echo(line)
    else:
        _print_report(json.loads(line))


def _print_report(report: dict[str, Any]) -> None:
    machine = report["machine"]
    table = Table("", "", "× compiled", title=f"{report['character']} on one core of {machine['cpu']}")
    table.title_justify = "left"
    for column in table.columns[1:]:
        column.justify = "right"
    _add_drawing(table, report["drawing"])
    table.add_section()
    _add_footprint(table, report)
    out.print(table)
    if "teacher" not in report["drawing"]["others"]:
        out.print("The teacher was not measured: `kuchipaku models fetch` gets its weights.")


def _add_drawing(table: Table, drawing: dict[str, Any]) -> None:
    table.add_row("one frame, compiled, every value new", _ms(drawing["compiled"]), "1")
    table.add_row("… only head and body turning", _ms(drawing["still_face"]), "")
    table.add_row("… only the face moving", _ms(drawing["still_body"]), "")
    table.add_row("… the same pose again", _ms(drawing["same_pose"]), "")
    for name, timing in {"warp": drawing["warp"], **drawing["others"]}.items():
        ratio = drawing["ratios"][name]
        table.add_row(f"one frame, {OTHERS[name]}", _ms(timing), f"{ratio:.0f}" if ratio > 10 else f"{ratio:.2f}")


def _add_footprint(table: Table, report: dict[str, Any]) -> None:
    live, footprint = report["live"], report["footprint"]
    steps = " / ".join(f"{live[step]['mean_ms']:.1f}" for step in STEPS)
    table.add_row("live path: draw / pack / encode", f"{steps} ms", "")
    table.add_row("live path with VP8 encoding", f"{live['fps']:.0f} frames per second", "")
    table.add_row("character on disk", f"{footprint['disk_mb']:.1f} MB", "")
    table.add_row("loading it, first frame included", f"{footprint['load_ms']:.0f} ms", "")
    table.add_row("memory of one more character", f"{footprint['memory_mb']:.0f} MiB", "")
    table.add_row("memory of one more session of it", f"{footprint['session_mb']:.0f} MiB", "")
    table.add_row("peak memory, live path", f"{report['peak_memory_mb']:.0f} MiB", "")


def _ms(timing: dict[str, float]) -> str:
    median_ms = timing["median_ms"]
    return f"{median_ms:.0f} ms" if median_ms >= 10 else f"{median_ms:.3f} ms"
