"""The whole examination: the libraries first, and what is built on them only when they are there."""

from __future__ import annotations

from kuchipaku.doctor.finding import Finding, works
from kuchipaku.doctor.packages import packages, python


def examine() -> list[Finding]:
    """Look at everything. Reads files, needs no network and changes nothing."""
    findings = [python(), *packages()]
    if not works(findings):
        return findings
    try:
        from kuchipaku.doctor.parts import parts
    except ImportError as error:
        return [*findings, Finding("libraries", "broken", str(error), "Install kuchipaku into a new environment.")]
    return [*findings, *parts()]
