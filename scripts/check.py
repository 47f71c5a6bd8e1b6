"""The one check script: what CI runs. Style, types, import directions, then the tests.

python scripts/check.py            everything
python scripts/check.py --fast     no tests
python scripts/check.py -k mouth   further arguments go to pytest
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS: dict[str, list[str]] = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "lint-imports": ["-c", LINT_IMPORTS],
}


def main() -> None:
    """Run every static check, say which failed, and go on to the tests only when none did."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--fast", action="store_true", help="skip the tests")
    options, pytest_arguments = parser.parse_known_args()

    failed = [name for name, arguments in CHECKS.items() if not passes(name, arguments)]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}. The tests were not run.")
    if not options.fast:
        print("pytest", flush=True)
        sys.exit(python(["-m", "pytest", *pytest_arguments]).returncode)


def passes(name: str, arguments: list[str]) -> bool:
    """Run one static check; show its output only when it fails."""
    begin_s = time.perf_counter()
    result = python(arguments, capture=True)
    passed = result.returncode == 0
    print(f"{name}: {'ok' if passed else 'failed'} ({time.perf_counter() - begin_s:.1f} s)", flush=True)
    if not passed:
        print(result.stdout, result.stderr, sep="\n", flush=True)
    return passed


def python(arguments: list[str], *, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run this interpreter in the repository's root."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=REPOSITORY, check=False, text=True, encoding="utf-8", capture_output=capture)


if __name__ == "__main__":
    main()
