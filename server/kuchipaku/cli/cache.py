"""`kuchipaku cache`: what the teacher drew, kept for compiles to come."""

from __future__ import annotations

import typer

from kuchipaku.cli.console import out

app = typer.Typer(help="Samples that compiles keep, so that they can be stopped, repeated and refined.")


@app.command()
def show() -> None:
    """Print where the samples are and how much room they take."""
    from kuchipaku_tha.samples import LIMIT_BYTES, samples_folder, stores

    found = stores()
    size_mb = sum(store.size_bytes for store in found) / 1e6
    out.print(str(samples_folder()), soft_wrap=True, markup=False)
    out.print(f"Pictures: {len(found)}. They take {size_mb:.0f} MB, at most {LIMIT_BYTES / 1e6:.0f} MB are kept.")


@app.command()
def clear() -> None:
    """Remove all samples. Characters stay; compiling one again draws everything anew."""
    from kuchipaku_tha.samples import remove_stores

    out.print(f"{remove_stores() / 1e6:.0f} MB freed.")
