"""The characters that are installed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from kuchipaku.paths import character_folders
from kuchipaku_tha.character import FACTS_FILE, Character, load_character
from kuchipaku_tha.errors import UnknownCharacterError


class CharacterLibrary:
    """Finds characters by name and keeps the ones last used in memory. May be used from any thread.

    Args:
        folders: each holds characters as sub-folders; of two characters with one name, the first folder's counts.
        capacity: how many loaded characters are kept; the least recently used is dropped for the next one.
    """

    def __init__(self, folders: Sequence[Path] | None = None, *, capacity: int = 8) -> None:
        self._folders = tuple(character_folders() if folders is None else folders)
        self._capacity = capacity
        self._loaded: OrderedDict[tuple[Path, int], Character] = OrderedDict()
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """The names of all characters, sorted."""
        return sorted(self._found())

    def folder(self, name: str) -> Path:
        """Where a character is.

        Raises:
            UnknownCharacterError: no character of that name is installed.
        """
        try:
            return self._found()[name]
        except KeyError:
            known = ", ".join(self.names()) or "none"
            raise UnknownCharacterError(
                f"There is no character {name!r}. Installed: {known}. "
                "`kuchipaku compile PICTURE.png --name NAME` makes one from a picture."
            ) from None

    def load(self, name: str) -> Character:
        """A character, read again only when its folder has changed since.

        Raises:
            UnknownCharacterError: no character of that name is installed.
            CharacterError: its folder is damaged or of another format version.
        """
        folder = self.folder(name)
        key = (folder, (folder / FACTS_FILE).stat().st_mtime_ns)
        with self._lock:
            character = self._loaded.pop(key, None) or load_character(folder)
            self._loaded[key] = character
            while len(self._loaded) > self._capacity:
                self._loaded.popitem(last=False)
        return character

    def default_name(self) -> str:
        """The character to show when none is asked for: of the last folder (the built-in ones), the first by name.

        Raises:
            UnknownCharacterError: none is installed.
        """
        for folder in reversed(self._folders):
            names = sorted(_characters_in(folder))
            if names:
                return names[0]
        raise UnknownCharacterError(
            "No character is installed. `kuchipaku compile PICTURE.png --name NAME` makes one from a picture."
        )

    def _found(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in reversed(self._folders):
            found |= _characters_in(folder)
        return found


def _characters_in(folder: Path) -> dict[str, Path]:
    return {facts.parent.name: facts.parent for facts in folder.glob(f"*/{FACTS_FILE}")}
