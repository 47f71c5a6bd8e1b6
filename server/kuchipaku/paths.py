"""Where files are: what comes with the package, and what belongs to the user."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

CHARACTERS_VARIABLE = "KUCHIPAKU_CHARACTERS"
"""Environment variable that moves the folder of the user's own characters."""


def bundled_folder(name: str) -> Path:
    """A folder that comes with kuchipaku: inside the installed package, or else at the repository's top level."""
    package = Path(__file__).resolve().parent
    installed = package / name
    return installed if installed.is_dir() else package.parent.parent / name


def user_characters_folder() -> Path:
    """Where ``kuchipaku compile`` puts characters. It need not exist yet."""
    override = os.environ.get(CHARACTERS_VARIABLE)
    return Path(override) if override else user_data_path("kuchipaku", appauthor=False) / "characters"


def character_folders() -> tuple[Path, ...]:
    """Where characters are looked for, in this order: the user's own, then the built-in ones."""
    return user_characters_folder(), bundled_folder("characters")
