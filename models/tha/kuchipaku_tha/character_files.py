"""Files of a character's folder, replaced so that whoever reads meanwhile, or after a crash, finds one whole character.

The record (``character.toml``) holds the checksums of the other files, and a file counts only with its checksum. Its
place is its plain name, ``morph.safetensors``; while a folder is being replaced the next version waits *parked*
beside it, under a name made from its checksum, ``morph-0123456789ab.safetensors``. Replacing parks all files, then
replaces the record, which is the moment of the change, and then moves the parked files to their places. Wherever that
stops, every file of the record in force is in its place or parked.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from kuchipaku_tha.errors import CharacterError

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PARKED_STEM: Final = re.compile(r"-[0-9a-f]{12}")
_STAGING: Final = re.compile(r"\.[a-z0-9][a-z0-9_-]{0,39}-[0-9a-f]{8}")
STALE_S: Final = 3600.0
"""What is half-written and so old was left by a process that was killed."""
_BUSY_TRIES: Final = 50
_BUSY_PAUSE_S: Final = 0.02
"""Windows replaces no file that is being read."""


def sha256_of(path: Path) -> str:
    """A file's checksum, as a record holds it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_bounded(path: Path, limit_bytes: int) -> bytes:
    """A file's content.

    Raises:
        CharacterError: it is larger than the limit.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise damaged(path.parent, f"{path.name} is larger than {limit_bytes // 1024} KiB")
    return content


def read_checked(path: Path, sha256: str, limit_bytes: int) -> bytes:
    """The content of a file of the record, from its place or parked.

    Args:
        path: its place.
        sha256: its checksum in the record.
        limit_bytes: a larger one is refused.

    Raises:
        CharacterError: it is missing, too large, or another one.
        ValueError: this is no checksum.
    """
    for candidate in (path, _parked(path, sha256), path):  # again, for it may have been moved there just now
        with suppress(OSError):
            content = read_bounded(candidate, limit_bytes)
            if hashlib.sha256(content).hexdigest() == sha256:
                return content
    if not path.is_file():
        raise damaged(path.parent, f"{path.name} is missing")
    raise damaged(path.parent, f"{path.name} is not the file that was compiled (its checksum differs)")


def find(path: Path, sha256: str | None) -> Path:
    """Where a file of the record is; nothing is read, so its checksum is not compared.

    Args:
        path: its place.
        sha256: its checksum in the record; None when that holds none.

    Raises:
        CharacterError: it is missing.
        ValueError: this is no checksum.
    """
    candidates = (path,) if sha256 is None else (_parked(path, sha256), path)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise damaged(path.parent, f"{path.name} is missing")


def replace_files(folder: Path, staging: Path, record: str, checksums: Mapping[str, str]) -> None:
    """Move a character's files to the folder of another one, whose other files (a vector source, say) stay.

    Args:
        folder: to replace; it exists.
        staging: holds the new files, on the same disk.
        record: name of the file that holds the checksums.
        checksums: of the other files, by name.

    Raises:
        OSError: the folder cannot be written; the character in it is the one before.
    """
    parked = {folder / name: _parked(folder / name, sha256) for name, sha256 in checksums.items()}
    fresh = [waiting for waiting in parked.values() if not waiting.exists()]
    try:
        for place, waiting in parked.items():
            (staging / place.name).replace(waiting)
        _replace_busy(staging / record, folder / record)
    except OSError:
        _remove(fresh)
        raise
    for place, waiting in parked.items():
        with suppress(OSError):
            waiting.replace(place)
    for place in parked:
        _remove(path for path in _all_parked(place) if path not in parked.values())


def staging_folder(folder: Path) -> Path:
    """A new hidden name beside a character's folder, where it is written before it is moved there."""
    return folder.parent / f".{folder.name}-{secrets.token_hex(4)}"


def remove_leftovers(characters: Path, record: str, names: Iterable[str]) -> None:
    """Remove what killed processes left half-written, once it is older than ``STALE_S``.

    Args:
        characters: folder of characters; it need not exist.
        record: name of the file that holds a character's checksums.
        names: of the other files.
    """
    now_s = file_clock_s()
    for folder in characters.glob("*/"):
        with suppress(OSError, UnicodeDecodeError):
            if not _STAGING.fullmatch(folder.name):
                in_force = (folder / record).read_text(encoding="utf-8")
                parked = [path for name in names for path in _all_parked(folder / name)]
                _remove(path for path in parked if path.stem[-12:] not in in_force and is_stale(path, now_s))
            elif is_stale(folder, now_s):
                shutil.rmtree(folder, ignore_errors=True)


def file_clock_s() -> float:
    """Now, by the clock that dates files."""
    with tempfile.TemporaryFile() as file:
        return os.fstat(file.fileno()).st_mtime


def is_stale(path: Path, now_s: float) -> bool:
    """Whether a file or folder was last written more than ``STALE_S`` ago.

    Raises:
        OSError: it cannot be looked at.
    """
    return now_s - path.stat().st_mtime > STALE_S


def damaged(folder: Path, reason: str) -> CharacterError:
    """The error for a folder that cannot be used as it is."""
    return CharacterError(
        f"The character in {folder} is damaged: {reason}. Copy it again, or compile its picture again."
    )


def _parked(path: Path, sha256: str) -> Path:
    """Where a file waits while its folder is being replaced."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is no checksum")
    return path.with_stem(f"{path.stem}-{sha256[:12]}")


def _replace_busy(source: Path, target: Path) -> None:
    for _ in range(_BUSY_TRIES - 1):
        with suppress(PermissionError):
            source.replace(target)
            return
        threading.Event().wait(_BUSY_PAUSE_S)
    source.replace(target)


def _all_parked(place: Path) -> list[Path]:
    """Everything that waits for a place, of whatever version."""
    found = place.parent.glob(f"{place.stem}-*{place.suffix}")
    return [path for path in found if _PARKED_STEM.fullmatch(path.stem.removeprefix(place.stem))]


def _remove(paths: Iterable[Path]) -> None:
    """Remove files as far as that is possible."""
    for path in paths:
        with suppress(OSError):
            path.unlink()
