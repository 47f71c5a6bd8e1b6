r"""Sets up `.venv` when needed and runs kuchipaku or its checks in it. Needs nothing but Python 3.11.

python scripts/dev.py serve                  the live server (any `kuchipaku` command works: compile, render, ...)
python scripts/dev.py test                   every check that CI runs; further arguments go to scripts/check.py
python scripts/dev.py --extra teacher test   the same with torch, for the networks' parity tests

On Windows: `py scripts\dev.py serve`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
VENV = REPOSITORY / ".venv"
STAMP = VENV / "kuchipaku-setup.json"
OLDEST_PYTHON = (3, 11)


def main() -> None:
    """Set up, then become the requested program."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--extra", action="append", default=[], help="also install this extra of pyproject.toml")
    parser.add_argument(
        "--with", action="append", default=[], dest="requirements", help="also install this, for example torch==2.13.0"
    )
    parser.add_argument("command", help="test, or a kuchipaku command")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()

    check_python()
    testing = options.command == "test"
    set_up(set(options.extra) | ({"dev"} if testing else set()), set(options.requirements))
    if testing:
        become([str(venv_python()), str(REPOSITORY / "scripts" / "check.py"), *options.arguments])
    become([str(venv_python()), "-m", "kuchipaku", options.command, *options.arguments])


def check_python() -> None:
    """Stop with the remedy when this Python is too old or cannot make virtual environments."""
    if sys.version_info < OLDEST_PYTHON:
        wanted, found = (".".join(map(str, version[:2])) for version in (OLDEST_PYTHON, sys.version_info))
        sys.exit(
            f"kuchipaku needs Python {wanted} or newer, and this is {found}. Install a newer one "
            f"(https://www.python.org/downloads/) and run: python{wanted} scripts/dev.py ..."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit("This Python cannot create virtual environments. On Debian and Ubuntu: sudo apt install python3-venv")


def venv_python() -> Path:
    """The virtual environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def set_up(extras: set[str], requirements: set[str]) -> None:
    """Create the environment and install into it, unless that is already done for this pyproject.toml."""
    project = hashlib.sha256((REPOSITORY / "pyproject.toml").read_bytes()).hexdigest()
    stamp = read_stamp()
    extras, requirements = extras | set(stamp["extras"]), requirements | set(stamp["requirements"])
    wanted = {"project": [project], "extras": sorted(extras), "requirements": sorted(requirements)}
    if wanted == stamp:
        return

    if not venv_python().exists():
        print(f"Creating {VENV}", flush=True)
        run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be created.")
    print("Installing kuchipaku and its libraries (once; about 700 MB)", flush=True)
    target = f"{REPOSITORY}[{','.join(wanted['extras'])}]" if extras else str(REPOSITORY)
    install = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check", "--editable", target]
    run([*install, *wanted["requirements"]], "pip failed (see above). Mend the cause and run the same command again.")
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")


def read_stamp() -> dict[str, list[str]]:
    """What is installed: pyproject.toml's digest, the extras and the further requirements."""
    if not venv_python().exists() or not STAMP.exists():
        return {"project": [], "extras": [], "requirements": []}
    stamp: dict[str, list[str]] = json.loads(STAMP.read_text(encoding="utf-8"))
    return stamp


def run(command: list[str], failure: str) -> None:
    """Run a set-up step; stop with the message if it fails."""
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(failure)


def become(command: list[str]) -> None:
    """Replace this process by the command (on Windows: run it and exit with its status)."""
    sys.stdout.flush()
    if sys.platform == "win32":
        sys.exit(wait_for(subprocess.Popen(command)))
    else:
        os.execv(command[0], command)  # noqa: S606


def wait_for(child: subprocess.Popen[bytes]) -> int:
    """The child's exit status; a Ctrl-C, which the child gets too, is the child's to answer."""
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    main()
