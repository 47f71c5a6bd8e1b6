"""Names for new characters."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable

_LONGEST = 36
"""Leaves room for a number within the 40 that a name may have."""


def free_name(title: str, is_taken: Callable[[str], bool]) -> str:
    """A character's name made from its title, with a number when it is taken: ``Little Bird`` → ``little-bird``."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-") or "character"
    candidates = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(name for name in candidates if not is_taken(name))
