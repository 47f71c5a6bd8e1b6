"""The whole examination: the libraries first, and what is built on them only when they are there."""

from __future__ import annotations

from kuchipaku.doctor.finding import Finding, pip_install, works
from kuchipaku.doctor.packages import packages, python


def examine() -> list[Finding]:
    """Look at everything. Reads files, needs no network and changes nothing."""
    findings = [python(), *packages()]
    if not works(findings):
        return findings
    try:
        from kuchipaku.doctor.parts import parts
    except ImportError as error:
        broken = Finding("libraries", "broken", str(error), pip_install("--force-reinstall kuchipaku"))
        return [*findings, broken]
    return [*findings, *parts()]
