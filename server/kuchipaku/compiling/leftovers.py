"""Posted pictures on disk, and what servers that were killed left behind."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from kuchipaku_tha import character_files
from kuchipaku_tha.character import DATA_FILES, FACTS_FILE

_PREFIX: Final = "kuchipaku-compiles-"
_PICTURES: Final = re.compile(_PREFIX + r"(\d+)-.*")


def new_pictures_folder() -> Path:
    """A new folder for the pictures that are posted to this process; its name tells whose it is."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


def remove_leftovers(characters: Path) -> None:
    """Remove what is left of processes that were killed more than ``character_files.STALE_S`` ago.

    Those are half-written characters and posted pictures, not the drawn samples: a compile goes on from them.

    Args:
        characters: the user's folder of characters; it need not exist.
    """
    character_files.remove_leftovers(characters, FACTS_FILE, DATA_FILES)
    now_s = character_files.file_clock_s()
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/"):
        owner = _PICTURES.fullmatch(folder.name)
        with suppress(OSError):
            if owner and not psutil.pid_exists(int(owner[1])) and character_files.is_stale(folder, now_s):
                shutil.rmtree(folder, ignore_errors=True)
