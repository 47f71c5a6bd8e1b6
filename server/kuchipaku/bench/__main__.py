"""`python -m kuchipaku.bench [CHARACTER]`: measure in this process and print the report as one line of JSON.

A process of its own, because it is tied to one core and its peak memory is part of the report.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from kuchipaku.bench.report import measure
from kuchipaku_tha.errors import KuchipakuError


def main() -> None:
    """Measure the character named on the command line; what is being measured goes to standard error."""
    name = sys.argv[1] if len(sys.argv) > 1 else None
    try:
        report = measure(name, lambda what: sys.stderr.write(f"Measuring: {what}\n"))
    except KuchipakuError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{json.dumps(asdict(report))}\n")


main()
