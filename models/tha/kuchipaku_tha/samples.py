"""What a teacher drew of a picture, kept on disk, so that no pose is ever drawn twice.

Below the cache folder, ``samples/<key>/<kind>/<number>.safetensors`` holds a chunk of consecutive samples: their poses
and any named arrays. A chunk appears under its name only when complete and carries a checksum, so a compile may be
stopped at any moment, by whatever means, and goes on from the last chunk.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from kuchipaku_tha.errors import StorageError
from kuchipaku_tha.fetch import CACHE_VARIABLE, teacher_folder
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.pose import POSE_SIZE, Pose

LIMIT_BYTES: Final = 6_000_000_000
"""Beyond this the stores that were not used for longest are removed, whenever one is opened."""
IN_USE_S: Final = 1800.0
"""A store used so recently belongs to a compile that may still be running, and is spared."""

_ABOUT_FILE: Final = "about.json"
_POSES: Final = "poses"
_CHECKSUM: Final = "crc32"

Arrays: TypeAlias = Mapping[str, NDArray[np.generic]]
"""Named arrays: of one sample, or of several along their first axis."""

Layout: TypeAlias = dict[str, tuple[tuple[int, ...], str]]
"""Shape and type of each named array of one sample."""


def samples_folder() -> Path:
    """Where stores are kept: below KUCHIPAKU_CACHE, or else below the user's cache folder."""
    return teacher_folder().parent / "samples"


def layout_of(sample: Arrays) -> Layout:
    """The layout of one sample's arrays."""
    return {name: (array.shape, array.dtype.str) for name, array in sample.items()}


@dataclass(frozen=True, slots=True)
class Chunks:
    """Where the samples of one kind lie, and in how large pieces.

    Attributes:
        folder: of the chunks.
        size: samples in every chunk but the last one.
    """

    folder: Path
    size: int

    def path(self, number: int) -> Path:
        """The file of a chunk."""
        return self.folder / f"{number:05d}.safetensors"


class Samples:
    """Samples of one kind in the order of their poses. Nothing is read until it is asked for."""

    def __init__(self, chunks: Chunks, poses: Pose, first: int = 0) -> None:
        self._chunks = chunks
        self._first = first
        self.poses = poses

    def __len__(self) -> int:
        return len(self.poses)

    def __getitem__(self, rows: slice) -> Samples:
        """Some consecutive samples.

        Raises:
            ValueError: every second sample, or the like.
        """
        start, stop, step = rows.indices(len(self))
        if step != 1:
            raise ValueError("only consecutive samples can be picked")
        return Samples(self._chunks, self.poses[start:stop], self._first + start)

    def array(self, name: str, cut: Callable[[NDArray[Any]], NDArray[Any]] | None = None) -> NDArray[Any]:
        """One named array of all samples, (samples, ...).

        Args:
            name: of the array.
            cut: applied to the array of every chunk, (samples in it, ...): to crop or convert it before it is kept.

        Raises:
            StorageError: a chunk was removed or damaged since it was drawn.
        """
        whole: NDArray[Any] | None = None
        done = 0
        for part in self.parts(name):
            values = part[name] if cut is None else cut(part[name])
            if whole is None:
                whole = np.empty((len(self), *values.shape[1:]), values.dtype)
            whole[done : done + len(values)] = values
            done += len(values)
        return np.empty(0) if whole is None else whole

    def parts(self, *names: str) -> Iterator[dict[str, NDArray[Any]]]:
        """The named arrays chunk by chunk, each (samples in the chunk, ...).

        Raises:
            StorageError: a chunk was removed or damaged since it was drawn.
        """
        row, stop = self._first, self._first + len(self)
        while row < stop:
            number, start = divmod(row, self._chunks.size)
            rows = slice(start, min(self._chunks.size, start + stop - row))
            yield _read(self._chunks.path(number), names, rows)
            row += rows.stop - rows.start


class SampleStore:
    """The samples of one picture, teacher and seed. Several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, box: StraightRgba, teacher: str, version: int, seed: int, root: Path | None = None) -> SampleStore:
        """The store for a picture; made if there is none. Others are removed if all take more than ``LIMIT_BYTES``.

        Args:
            box: the picture as the teacher sees it, uint8 (512, 512, 4), straight alpha.
            teacher: identity of the teacher.
            version: of what is recorded of a sample.
            seed: of the poses.
            root: folder of all stores; :func:`samples_folder` when absent.

        Raises:
            StorageError: the folder cannot be written.
        """
        about = {"teacher": teacher, "version": version, "seed": seed}
        digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
        digest.update(np.ascontiguousarray(box).tobytes())
        store = cls((samples_folder() if root is None else root) / digest.hexdigest()[:32])
        store._write(store.folder / _ABOUT_FILE, json.dumps(about).encode())
        remove_stores(LIMIT_BYTES, keep=store, root=store.folder.parent)
        return store

    def chunks(self, kind: str, size: int) -> Chunks:
        """Where samples of a kind are kept, ``size`` to a file."""
        return Chunks(self.folder / kind, size)

    def kept(self, chunks: Chunks, number: int, poses: Pose, layout: Layout) -> int:
        """How many of a chunk's samples are there, from its first on.

        None are when the file is absent or damaged, when it is of other poses, or when its arrays are not of
        ``layout``.
        """
        path = chunks.path(number)
        try:
            with safetensors.safe_open(path, framework="np") as file:
                stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
                checksum = (file.metadata() or {}).get(_CHECKSUM)
        except (OSError, safetensors.SafetensorError, ValueError, KeyError):
            return 0
        if checksum != _checksum(stored):
            return 0
        stored_poses = stored.pop(_POSES, np.empty((0, POSE_SIZE)))
        count = min(len(poses), len(stored_poses))
        fits = count > 0 and layout == {name: (array.shape[1:], array.dtype.str) for name, array in stored.items()}
        return count if fits and np.array_equal(stored_poses[:count], poses[:count]) else 0

    def extend(self, chunks: Chunks, number: int, poses: Pose, drawn: Sequence[Arrays]) -> None:
        """Write a chunk: what is kept of it already, and the samples drawn to complete it.

        Args:
            chunks: of which kind.
            number: of the chunk.
            poses: of all samples of the chunk.
            drawn: arrays of the last ones of them.

        Raises:
            StorageError: the disk is full, or the folder cannot be written.
        """
        arrays = {name: np.stack([sample[name] for sample in drawn]) for name in drawn[0]}
        before = len(poses) - len(drawn)
        if before:
            kept = _read(chunks.path(number), tuple(arrays), slice(before))
            arrays = {name: np.concatenate((kept[name], arrays[name])) for name in arrays}
        arrays[_POSES] = np.ascontiguousarray(poses)
        content = safetensors.numpy.save(arrays, {_CHECKSUM: _checksum(arrays)})
        self._write(chunks.path(number), content)
        self._touch()

    def _touch(self) -> None:
        """Mark the store as in use."""
        with suppress(OSError):
            os.utime(self.folder / _ABOUT_FILE)

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file beside its place and move it there; a full disk first costs the stores that are not in use."""
        root = self.folder.parent
        try:
            try:
                _write_beside(path, content)
            except OSError as error:
                if not _is_full(error) or not remove_stores(keep=self, root=root):
                    raise
                _write_beside(path, content)
        except OSError as error:
            if not _is_full(error):
                raise StorageError(
                    f"{root} cannot be written ({error}). {CACHE_VARIABLE} names another folder."
                ) from error
            raise StorageError(
                f"The disk is full: {root} has no room for {len(content) / 1e6:.0f} MB more. Free some, or name a "
                f"folder on another disk in {CACHE_VARIABLE}; then do the same again: what is drawn already is kept."
            ) from error


def _write_beside(path: Path, content: bytes) -> None:
    staging = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        staging.write_bytes(content)
        staging.replace(path)
    finally:
        staging.unlink(missing_ok=True)


def _is_full(error: OSError) -> bool:
    """Whether the disk is full, or the user's share of it."""
    return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def _read(path: Path, names: Sequence[str], rows: slice) -> dict[str, NDArray[Any]]:
    try:
        with safetensors.safe_open(path, framework="np") as file:
            return {name: file.get_slice(name)[rows] for name in names}
    except (OSError, safetensors.SafetensorError) as error:
        raise StorageError(
            f"Samples in {path.parent} were removed or damaged while they were needed. Run the same command again: "
            "only what is missing is drawn."
        ) from error


def _checksum(arrays: Arrays) -> str:
    checksum = 0
    for name in sorted(arrays):
        checksum = zlib.crc32(name.encode(), checksum)
        checksum = zlib.crc32(np.ascontiguousarray(arrays[name]).data, checksum)
    return f"{checksum:08x}"


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """A store on disk.

    Attributes:
        folder: of the store.
        size_bytes: of all its files.
        used_s: when it was last used, seconds of the file system's clock.
    """

    folder: Path
    size_bytes: int
    used_s: float


def stores(root: Path | None = None) -> list[StoreInfo]:
    """All stores, the one that was not used for longest first."""
    found = []
    for folder in (samples_folder() if root is None else root).glob("*/"):
        with suppress(OSError):
            sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
            found.append(StoreInfo(folder, sum(sizes), (folder / _ABOUT_FILE).stat().st_mtime))
    return sorted(found, key=lambda store: store.used_s)


def remove_stores(limit_bytes: int = 0, *, keep: SampleStore | None = None, root: Path | None = None) -> int:
    """Remove the stores that were not used for longest until the others take no more than a limit.

    Args:
        limit_bytes: what may stay.
        keep: the store in use: it stays, and so does every other one that was used less than ``IN_USE_S`` before it.
        root: folder of all stores; :func:`samples_folder` when absent.

    Returns:
        bytes freed.
    """
    found = stores(root)
    total = sum(store.size_bytes for store in found)
    spared_s = float("inf")
    if keep is not None:
        spared_s = next((store.used_s for store in found if store.folder == keep.folder), 0.0) - IN_USE_S
    freed = 0
    for store in found:
        if total - freed <= limit_bytes or store.used_s >= spared_s:
            break
        shutil.rmtree(store.folder, ignore_errors=True)
        freed += store.size_bytes
    return freed
