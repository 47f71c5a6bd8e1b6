"""What the doctor finds."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "optional", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what it is.
        state: ``ok``; ``optional``: absent, and the live avatar works without it; ``broken``: needs the remedy.
        detail: version, place, or what is wrong.
        remedy: the command or step that gets or repairs it; empty when nothing is to be done.
        essential: the live avatar does not work without it.
    """

    subject: str
    state: State
    detail: str
    remedy: str = ""
    essential: bool = True


def works(findings: Iterable[Finding]) -> bool:
    """Whether a character can be shown and can speak."""
    return not any(finding.essential and finding.state == "broken" for finding in findings)


def pip_install(what: str) -> str:
    """The command that installs something for this Python."""
    return f'"{sys.executable}" -m pip install {what}'
