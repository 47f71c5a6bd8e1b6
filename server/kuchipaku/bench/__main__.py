"""`python -m kuchipaku.bench [CHARACTER]`: measure in this process and print the report as one line of JSON.

The libraries' threads are set by environment variables that must be there before numpy is loaded (see
``kuchipaku.cli.bench``), hence a process of its own.
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
