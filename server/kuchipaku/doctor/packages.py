"""Python and the libraries that kuchipaku is declared to need."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from kuchipaku.doctor.finding import Finding, pip_install


def python() -> Finding:
    """The interpreter."""
    return Finding("Python", "ok", f"{platform.python_version()} on {platform.platform(terse=True)}")


def packages() -> Iterator[Finding]:
    """Every library of the default install, with its version."""
    for name in _required():
        found = installed(name)
        if found:
            yield Finding(name, "ok", found)
        else:
            yield Finding(name, "broken", "not installed", pip_install(name))


def installed(name: str) -> str | None:
    """The version of an installed distribution; None when there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _required() -> list[str]:
    names = (re.match(r"[\w.-]+", line) for line in requires("kuchipaku") or [] if "extra ==" not in line)
    return [name[0] for name in names if name]
