"""The characters that are installed."""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from kuchipaku.paths import character_folders
from kuchipaku_tha.character import (
    FACTS_FILE,
    Character,
    CharacterFacts,
    find_preview,
    load_character,
    read_facts,
)
from kuchipaku_tha.errors import CharacterError, UnknownCharacterError


class BuiltInCharacterError(CharacterError):
    """A built-in character was to be removed."""

    code = "built-in-character"
    http_status = 409


class CharacterLibrary:
    """Finds characters by name and keeps the ones last used in memory. May be used from any thread.

    Args:
        folders: each holds characters as sub-folders; of two characters with one name, the first folder's counts.
        capacity: how many loaded characters are kept; the least recently used is dropped for the next one.
    """

    def __init__(self, folders: Sequence[Path] | None = None, *, capacity: int = 8) -> None:
        self._folders = tuple(character_folders() if folders is None else folders)
        self._capacity = capacity
        self._loaded: OrderedDict[Path, tuple[bytes, Character]] = OrderedDict()
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

    @property
    def own_folder(self) -> Path:
        """Where new characters go, and whence they may be removed."""
        return self._folders[0]

    def remove(self, name: str) -> None:
        """Delete one of the user's own characters.

        Raises:
            UnknownCharacterError: no character of that name is installed.
            BuiltInCharacterError: it is not one of the user's own.
            CharacterError: its folder cannot be removed.
        """
        folder = self.folder(name)
        if folder.parent != self.own_folder:
            raise BuiltInCharacterError(f"{name!r} comes with kuchipaku and cannot be removed.")
        try:
            (folder / FACTS_FILE).unlink()  # from here on it is no character, even if the rest takes a while
            shutil.rmtree(folder)
        except OSError as error:
            raise CharacterError(f"{folder} cannot be removed: {error.strerror or error}.") from error

    def facts(self, name: str) -> CharacterFacts:
        """What is recorded about a character; its picture and arrays are not read.

        Raises:
            UnknownCharacterError: no character of that name is installed.
            CharacterError: the record is damaged or of another format version, or a file is missing.
        """
        return read_facts(self.folder(name))

    def preview_path(self, name: str) -> Path:
        """Where a character's preview is, a small PNG with alpha.

        Raises:
            UnknownCharacterError: no character of that name is installed.
            CharacterError: the record is damaged or of another format version, or a file is missing.
        """
        return find_preview(self.folder(name))

    def load(self, name: str) -> Character:
        """A character, read again only when its folder has changed since.

        Raises:
            UnknownCharacterError: no character of that name is installed.
            CharacterError: its folder is damaged or of another format version.
        """
        folder = self.folder(name)
        with self._lock:
            record, character = self._loaded.pop(folder, (b"", None))
            present = _record(folder)
            if character is None or record != present:
                character = load_character(folder)
            self._loaded[folder] = present, character
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


def _record(folder: Path) -> bytes:
    """What tells one version of a character from another: its facts, which hold the other files' checksums."""
    try:
        return (folder / FACTS_FILE).read_bytes()
    except OSError:
        return b""


def _characters_in(folder: Path) -> dict[str, Path]:
    found = [facts.parent for facts in folder.glob(f"*/{FACTS_FILE}")]
    return {path.name: path for path in found if not path.name.startswith(".")}  # hidden ones are being written
