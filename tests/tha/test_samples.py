"""The store of samples: chunks that are whole or absent."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kuchipaku_tha.errors import StorageError
from kuchipaku_tha.pose import POSE_SIZE, Pose
from kuchipaku_tha.samples import Chunks, Samples, SampleStore, layout_of, remove_stores, stores

SIZE = 4


def box(shade: int = 0) -> np.ndarray:
    return np.full((512, 512, 4), shade, np.uint8)


def poses(count: int) -> Pose:
    return np.random.default_rng(0).random((count, POSE_SIZE), np.float32)


def sample(pose: Pose) -> dict[str, np.ndarray]:
    return {"crop": (pose[:6] * 255).astype(np.uint8).reshape(2, 3), "extra": pose[:5].astype(np.float16)}


LAYOUT = layout_of(sample(poses(1)[0]))


@pytest.fixture
def store(tmp_path: Path) -> SampleStore:
    return SampleStore.open(box(), "teacher", 1, 0, tmp_path)


@pytest.fixture
def chunks(store: SampleStore) -> Chunks:
    return store.chunks("faces", SIZE)


def fill(store: SampleStore, chunks: Chunks, count: int) -> Samples:
    """Keep samples as the compiler does, chunk by chunk, drawing only what is missing."""
    wanted = poses(count)
    for number in range(-(-count // SIZE)):
        part = wanted[number * SIZE :][:SIZE]
        kept = store.kept(chunks, number, part, LAYOUT)
        if kept < len(part):
            store.extend(chunks, number, part, [sample(pose) for pose in part[kept:]])
    return Samples(chunks, wanted)


def test_samples_come_back_in_order_as_they_were(store: SampleStore, chunks: Chunks) -> None:
    samples = fill(store, chunks, 10)
    expected = [sample(pose) for pose in poses(10)]
    for name in ("crop", "extra"):
        array = samples.array(name)
        assert array.dtype == expected[0][name].dtype
        assert np.array_equal(array, np.stack([one[name] for one in expected]))
    assert np.array_equal(samples[3:9].array("extra"), samples.array("extra")[3:9])
    assert np.array_equal(samples[5:].poses, poses(10)[5:])
    cut = samples[3:9].array("crop", lambda crops: crops[:, :1].astype(np.float32))
    assert cut.shape == (6, 1, 3)
    assert [len(part["crop"]) for part in samples.parts("crop")] == [4, 4, 2]
    assert samples[:0].array("crop").size == 0


def test_a_smaller_count_is_the_beginning_of_a_larger_one(store: SampleStore, chunks: Chunks) -> None:
    few = fill(store, chunks, 6).array("crop")
    assert store.kept(chunks, 1, poses(8)[4:], LAYOUT) == 2
    many = fill(store, chunks, 11).array("crop")
    assert np.array_equal(many[:6], few)
    assert store.kept(chunks, 1, poses(6)[4:], LAYOUT) == 2


@pytest.mark.parametrize("damage", [lambda content: content[:-5], lambda content: b"", lambda content: content[:20]])
def test_a_cut_off_chunk_is_not_kept(store: SampleStore, chunks: Chunks, damage: Any) -> None:
    fill(store, chunks, 4)
    path = chunks.path(0)
    path.write_bytes(damage(path.read_bytes()))
    assert store.kept(chunks, 0, poses(4), LAYOUT) == 0


def test_one_wrong_byte_is_noticed(store: SampleStore, chunks: Chunks) -> None:
    fill(store, chunks, 4)
    content = bytearray(chunks.path(0).read_bytes())
    content[-1] ^= 1
    chunks.path(0).write_bytes(content)
    assert store.kept(chunks, 0, poses(4), LAYOUT) == 0


def test_chunks_of_other_poses_or_arrays_are_not_kept(store: SampleStore, chunks: Chunks) -> None:
    fill(store, chunks, 4)
    assert store.kept(chunks, 0, poses(4)[::-1], LAYOUT) == 0
    assert store.kept(chunks, 0, poses(4), LAYOUT | {"more": ((3,), "|u1")}) == 0
    assert store.kept(chunks, 0, poses(4), {"crop": LAYOUT["crop"], "extra": ((6,), "<f2")}) == 0


def test_a_chunk_that_vanishes_while_it_is_needed_is_reported(store: SampleStore, chunks: Chunks) -> None:
    samples = fill(store, chunks, 4)
    chunks.path(0).unlink()
    with pytest.raises(StorageError, match="Run the same command again"):
        samples.array("crop")


def test_pictures_teachers_versions_and_seeds_have_stores_of_their_own(tmp_path: Path) -> None:
    keys = [(box(), "a", 1, 0), (box(1), "a", 1, 0), (box(), "b", 1, 0), (box(), "a", 2, 0), (box(), "a", 1, 1)]
    folders = [SampleStore.open(*key, tmp_path).folder for key in keys]
    assert len(set(folders)) == len(keys)
    assert SampleStore.open(*keys[0], tmp_path).folder == folders[0]


def test_a_full_disk_is_explained_and_leaves_whole_chunks(
    store: SampleStore, chunks: Chunks, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, chunks, 4)
    whole = Path.write_bytes

    def fail_half_way(path: Path, content: bytes) -> int:
        whole(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fail_half_way)
        with pytest.raises(StorageError, match=r"disk is full.*KUCHIPAKU_CACHE.*is kept"):
            fill(store, chunks, 8)
    assert [path.name for path in chunks.folder.iterdir()] == [chunks.path(0).name]
    assert len(fill(store, chunks, 8).array("crop")) == 8


def test_a_full_disk_costs_the_stores_that_are_not_in_use(
    store: SampleStore, chunks: Chunks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = SampleStore.open(box(1), "teacher", 1, 0, tmp_path)
    os.utime(other.folder / "about.json", (1e9, 1e9))
    whole = Path.write_bytes

    def fail_while_there_are_others(path: Path, content: bytes) -> int:
        if other.folder.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail_while_there_are_others)
    assert len(fill(store, chunks, 8).array("crop")) == 8


def test_the_stores_used_least_lately_go_first(tmp_path: Path) -> None:
    opened = [SampleStore.open(box(shade), "teacher", 1, 0, tmp_path) for shade in range(4)]
    for age, store in enumerate(reversed(opened)):
        fill(store, store.chunks("faces", SIZE), 8)
        os.utime(store.folder / "about.json", (1e9 - age * 1e5, 1e9 - age * 1e5))
    found = stores(tmp_path)
    assert [info.folder for info in found] == [store.folder for store in opened]
    assert remove_stores(found[0].size_bytes * 2, keep=opened[3], root=tmp_path) == found[0].size_bytes * 2
    assert [info.folder for info in stores(tmp_path)] == [store.folder for store in opened[2:]]
    os.utime(opened[2].folder / "about.json", (1e9 - 60, 1e9 - 60))
    assert remove_stores(0, keep=opened[3], root=tmp_path) == 0
    assert remove_stores(0, root=tmp_path) > 0
    assert stores(tmp_path) == []


def test_opening_a_store_makes_room(store: SampleStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, store.chunks("faces", SIZE), 8)
    os.utime(store.folder / "about.json", (1e9, 1e9))
    monkeypatch.setattr("kuchipaku_tha.samples.LIMIT_BYTES", 100)
    opened = SampleStore.open(box(1), "teacher", 1, 0, tmp_path)
    assert [info.folder for info in stores(tmp_path)] == [opened.folder]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="KUCHIPAKU_CACHE names another"):
        SampleStore.open(box(), "teacher", 1, 0, tmp_path / "file")
