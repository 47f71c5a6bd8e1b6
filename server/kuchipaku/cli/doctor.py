"""`kuchipaku doctor`: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from kuchipaku.cli.console import out

if TYPE_CHECKING:
    from kuchipaku.doctor import Finding

MARKS = {"ok": "[green]✓[/green]", "optional": "[yellow]○[/yellow]", "broken": "[red]✗[/red]"}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Look at the installation. Exit code 1 when a character cannot be shown or cannot speak."""
    from kuchipaku.doctor import examine, works

    findings = examine()
    usable = works(findings)
    if as_json:
        typer.echo(json.dumps({"works": usable, "findings": [asdict(finding) for finding in findings]}))
    else:
        _print_table(findings, usable=usable)
    raise typer.Exit(0 if usable else 1)


def _print_table(findings: list[Finding], *, usable: bool) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column()
    table.add_column(overflow="fold")
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.subject, Text(finding.detail))
        if finding.remedy:
            table.add_row("", "", Text(f"→ {finding.remedy}", style="bold"))
    out.print(table)
    out.print("\nReady: `kuchipaku serve`" if usable else "\n[red]Not ready.[/red] Follow the arrows above.")
