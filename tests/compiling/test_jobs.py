"""Compile jobs: real processes, a drawn teacher."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kuchipaku.compiling.errors import (
    CharacterExistsError,
    TooManyCompilesError,
    TooManyFollowersError,
    UnknownCompileError,
)
from kuchipaku.compiling.job import JobReport, JobState
from kuchipaku.compiling.jobs import MOST_FOLLOWERS, CompileJobs
from kuchipaku.compiling.request import REQUESTS, CompileRequest
from kuchipaku.mailbox import MailboxClosedError
from kuchipaku_tha.character import load_character
from kuchipaku_tha.placement import Box
from tests.compile_worker import COMMAND
from tests.serving import TINY_STEPS
from tests.tha.drawings import doll, encoded
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUCHIPAKU_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def announced() -> list[str]:
    return []


@pytest.fixture
def jobs(announced: list[str]) -> Iterator[CompileJobs]:
    jobs = CompileJobs(announced.append, command=COMMAND, most_waiting=2)
    yield jobs
    jobs.close()


def request(jobs: CompileJobs, folder: Path, name: str = "doll", **changes: object) -> CompileRequest:
    picture = jobs.picture_path()
    picture.write_bytes(encoded(doll()))
    fields = {"title": name.title(), "head": Box(192, 64, 128, 128), "steps": TINY_STEPS, "threads": 2} | changes
    return CompileRequest(picture, name, folder / name, **fields)  # type: ignore[arg-type]


def follow(jobs: CompileJobs, job_id: str) -> Iterator[JobReport]:
    """Every report until the job has ended."""
    mailbox = jobs.subscribe(job_id)
    try:
        while not (report := mailbox.get(60.0)).state.ended:
            yield report
        yield report
    finally:
        jobs.unsubscribe(job_id, mailbox)


def test_a_draft_comes_first_and_the_finished_character_after_it(
    jobs: CompileJobs, announced: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "0.02")
    job = jobs.add(request(jobs, tmp_path, title="Püppchen „日本“"))
    assert jobs.compiles("doll")
    reports = list(follow(jobs, job.id))
    assert reports[-1].state is JobState.FINISHED, reports[-1].error
    assert reports[-1].usable
    assert announced == ["doll", "doll"]
    assert list(dict.fromkeys(report.quality for report in reports)) == ["draft", "standard"]
    assert {"loading", "faces", "fitting"} <= {report.stage for report in reports}
    assert all(0 <= report.fraction <= 1 for report in reports)
    character = load_character(tmp_path / "doll")
    assert character.title == "Püppchen „日本“"
    assert character.facts.compiled_with["face_samples"] == 8
    assert not jobs.compiles("doll")


def test_a_compile_killed_at_every_stage_goes_on_when_repeated(
    jobs: CompileJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "0.01")
    for stage in ("loading", "faces", "turns", "fitting"):
        job = jobs.add(request(jobs, tmp_path, steps=TINY_STEPS[1:]))
        for report in follow(jobs, job.id):
            process = jobs._jobs[job.id].process
            if report.stage == stage and process is not None:
                process.kill()
        assert report.state is JobState.FAILED, stage
        assert report.error is not None
        assert report.error.code == "compiler-crashed"
        assert not (tmp_path / "doll").exists()
    monkeypatch.setenv("SAMPLE_PAUSE_S", "0")
    job = jobs.add(request(jobs, tmp_path, steps=TINY_STEPS[1:]))
    assert list(follow(jobs, job.id))[-1].state is JobState.FINISHED
    load_character(tmp_path / "doll")


def test_the_last_words_of_a_crash_are_passed_on(
    jobs: CompileJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREAK_AT", "5")
    job = jobs.add(request(jobs, tmp_path))
    error = list(follow(jobs, job.id))[-1].error
    assert error is not None
    assert "the teacher broke" in error.message


def test_a_picture_that_vanished_fails_with_the_reason(jobs: CompileJobs, tmp_path: Path) -> None:
    asked = request(jobs, tmp_path)
    asked.picture.unlink()
    report = list(follow(jobs, jobs.add(asked).id))[-1]
    assert report.state is JobState.FAILED
    assert report.error is not None
    assert report.error.code == "bad-picture"


def test_the_queue_is_bounded_and_cancelling_makes_room(
    jobs: CompileJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "10")
    first = jobs.add(request(jobs, tmp_path, "a"))
    eventually(lambda: jobs.get(first.id).state is JobState.RUNNING)
    second, third = (jobs.add(request(jobs, tmp_path, name)) for name in "bc")
    assert [report.jobs_ahead for report in jobs.all()] == [0, 1, 2]
    with pytest.raises(TooManyCompilesError, match="3 characters"):
        jobs.check_room()
    with pytest.raises(TooManyCompilesError):
        jobs.add(request(jobs, tmp_path, "d"))
    assert jobs.cancel(second.id).state is JobState.CANCELLED
    with pytest.raises(CharacterExistsError):
        jobs.add(request(jobs, tmp_path, "c"))
    assert jobs.cancel(first.id).state is JobState.CANCELLED
    eventually(lambda: jobs.get(third.id).state is JobState.RUNNING)
    assert jobs.cancel(first.id).state is JobState.CANCELLED
    with pytest.raises(UnknownCompileError):
        jobs.cancel("nothing")


def test_a_corrected_head_starts_anew(jobs: CompileJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "0.02")
    job = jobs.add(request(jobs, tmp_path, steps=TINY_STEPS[:1]))
    eventually(lambda: jobs.get(job.id).stage == "faces")
    corrected = Box(200.0, 70.0, 112.0, 120.0)
    assert jobs.correct(job.id, corrected).state is JobState.WAITING
    monkeypatch.setenv("SAMPLE_PAUSE_S", "0")
    assert list(follow(jobs, job.id))[-1].state is JobState.FINISHED
    assert jobs.get(job.id).request.head == corrected
    assert jobs.correct(job.id, Box(192, 64, 128, 128)).state is JobState.WAITING
    assert list(follow(jobs, job.id))[-1].state is JobState.FINISHED


def test_closing_ends_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "10")
    jobs = CompileJobs(lambda name: None, command=COMMAND)
    job = jobs.add(request(jobs, tmp_path))
    eventually(lambda: jobs._jobs[job.id].process is not None)
    process = jobs._jobs[job.id].process
    assert process is not None
    mailbox = jobs.subscribe(job.id)
    folder = jobs._folder
    assert folder is not None
    jobs.close()
    assert process.returncode is not None
    assert not folder.exists()
    with pytest.raises(MailboxClosedError):
        [mailbox.get(1.0) for _ in range(3)]
    with pytest.raises(TooManyCompilesError):
        jobs.check_room()


def test_readers_of_one_job_are_bounded(jobs: CompileJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "10")
    job = jobs.add(request(jobs, tmp_path))
    mailboxes = [jobs.subscribe(job.id) for _ in range(MOST_FOLLOWERS)]
    with pytest.raises(TooManyFollowersError):
        jobs.subscribe(job.id)
    jobs.unsubscribe(job.id, mailboxes[0])
    jobs.subscribe(job.id)


def test_a_compile_ends_with_the_server(jobs: CompileJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_PAUSE_S", "10")
    line = REQUESTS.dump_json(request(jobs, tmp_path)).decode() + "\n"
    pipe = subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, encoding="utf-8") as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(line)
        worker.stdin.flush()
        assert "loading" in worker.stdout.readline()
        worker.stdin.close()  # as the end of the server does, however it comes
        assert worker.wait(30) != 0


def test_old_jobs_are_forgotten_with_their_pictures(
    jobs: CompileJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kuchipaku.compiling.jobs.MOST_REMEMBERED", 1)
    monkeypatch.setenv("SAMPLE_PAUSE_S", "10")
    asked = [request(jobs, tmp_path, name) for name in "abc"]
    for one in asked:
        jobs.cancel(jobs.add(one).id)
    added = jobs.add(request(jobs, tmp_path, "d"))
    assert [report.request.name for report in jobs.all()] == ["c", "d"]
    assert [one.picture.exists() for one in asked] == [False, False, True]
    jobs.cancel(added.id)


def test_a_worker_that_cannot_be_started_fails_the_job(tmp_path: Path) -> None:
    jobs = CompileJobs(lambda name: None, command=[str(tmp_path / "nothing")])
    try:
        report = list(follow(jobs, jobs.add(request(jobs, tmp_path)).id))[-1]
        assert report.error is not None
        assert report.error.code == "internal-error"
    finally:
        jobs.close()
