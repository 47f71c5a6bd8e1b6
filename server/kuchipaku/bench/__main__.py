"""`python -m kuchipaku.bench [--character NAME] [--tha4 DIR]`: measure in this process, print one line of JSON.

A process of its own, because it is tied to one core and its peak memory is part of the report.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from kuchipaku.bench.report import measure
from kuchipaku_tha.errors import KuchipakuError


def main() -> None:
    """Measure the character named on the command line; what is being measured goes to standard error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--character")
    parser.add_argument("--tha4", type=Path)
    options = parser.parse_args()
    try:
        report = measure(options.character, options.tha4, lambda what: sys.stderr.write(f"Measuring: {what}\n"))
    except KuchipakuError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{json.dumps(asdict(report))}\n")


main()
