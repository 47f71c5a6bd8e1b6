"""The queue of compile jobs: one runs, in a process of its own, and a few wait."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from kuchipaku.compiling.errors import (
    CharacterExistsError,
    TooManyCompilesError,
    TooManyFollowersError,
    UnknownCompileError,
)
from kuchipaku.compiling.job import Job, JobError, JobReport, JobState
from kuchipaku.compiling.leftovers import new_pictures_folder
from kuchipaku.compiling.messages import MESSAGES, Advanced, Failed, Usable
from kuchipaku.compiling.request import REQUESTS, CompileRequest
from kuchipaku.mailbox import Mailbox
from kuchipaku_tha.advice.advice import Advice
from kuchipaku_tha.placement import Box
from kuchipaku_tha.progress import Progress, Stage

_logger = logging.getLogger(__name__)

MOST_WAITING = 3
MOST_REMEMBERED = 8
"""Jobs that have ended are remembered, with their pictures, until so many newer ones have."""
MOST_FOLLOWERS = 32
"""Readers of one job's reports."""
WORKER = (sys.executable, "-m", "kuchipaku.compiling.worker")
_LOG_TAIL_BYTES = 4000


class CompileJobs:
    """Compiles characters one after the other. Any thread may call any method.

    One job runs and ``most_waiting`` wait; a further one is refused. Of the jobs that have ended the newest
    ``MOST_REMEMBERED`` are remembered, older ones are forgotten.

    Args:
        on_usable: called with the name of a character whenever its folder was compiled or compiled better, from the
            manager's thread.
        command: starts a worker, see :mod:`kuchipaku.compiling.worker`.
        most_waiting: jobs that may wait besides the one that runs.
    """

    def __init__(
        self,
        on_usable: Callable[[str], None],
        *,
        command: Sequence[str] = WORKER,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._on_usable = on_usable
        self.command = tuple(command)
        self._most_waiting = most_waiting
        self._jobs: dict[str, Job] = {}
        self._queue: list[Job] = []
        self._running: Job | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._folder: Path | None = None
        self._closed = False

    def picture_path(self) -> Path:
        """A new path for a picture, in a folder that is removed by ``close``."""
        with self._changed:
            if self._folder is None:
                self._folder = new_pictures_folder()
            return self._folder / secrets.token_hex(8)

    def check_room(self) -> None:
        """Refuse when no further job fits.

        Raises:
            TooManyCompilesError: the queue is full, or the server is ending.
        """
        with self._changed:
            self._check_room()

    def add(self, request: CompileRequest, advice: tuple[Advice, ...] = ()) -> JobReport:
        """Queue a job; its picture is removed when it is forgotten.

        Args:
            request: what to compile.
            advice: about the picture, told with the job.

        Raises:
            TooManyCompilesError: the queue is full.
            CharacterExistsError: another job compiles a character of that name.
        """
        with self._changed:
            self._check_room()
            if self._compiles(request.name):
                raise CharacterExistsError(
                    f"A character {request.name!r} is being compiled. Choose another name, or wait until it is done."
                )
            job = Job(secrets.token_hex(6), request, advice)
            job.restart(request)
            self._jobs[job.id] = job
            self._queue.append(job)
            self._forget_old()
            self._start()
            return self._tell(job)

    def all(self) -> list[JobReport]:
        """Every job that is remembered, oldest first."""
        with self._changed:
            return [job.report(self._ahead(job)) for job in self._jobs.values()]

    def get(self, job_id: str) -> JobReport:
        """A job.

        Raises:
            UnknownCompileError: none of that id is remembered.
        """
        with self._changed:
            job = self._job(job_id)
            return job.report(self._ahead(job))

    def compiles(self, name: str) -> bool:
        """Whether a character of that name is being compiled, or is about to be."""
        with self._changed:
            return self._compiles(name)

    def cancel(self, job_id: str) -> JobReport:
        """Stop a job; harmless when it has ended. A character that was usable already stays as it is.

        Raises:
            UnknownCompileError: none of that id is remembered.
        """
        with self._changed:
            job = self._job(job_id)
            if not job.state.ended:
                self._end(job, JobState.CANCELLED, "stopped")
                self._kill(job)
            return job.report(self._ahead(job))

    def correct(self, job_id: str, head: Box) -> JobReport:
        """Compile again with the head elsewhere, before all that wait.

        Raises:
            UnknownCompileError: none of that id is remembered.
        """
        with self._changed:
            job = self._job(job_id)
            self._kill(job)
            if job in self._queue:
                self._queue.remove(job)
            job.restart(replace(job.request, head=head))
            self._queue.insert(0, job)
            self._start()
            return self._tell(job)

    def subscribe(self, job_id: str) -> Mailbox[JobReport]:
        """A mailbox that holds the newest report of a job, at once and after every change.

        Raises:
            UnknownCompileError: none of that id is remembered.
            TooManyFollowersError: ``MOST_FOLLOWERS`` follow it already.
        """
        with self._changed:
            job = self._job(job_id)
            if len(job.reports) >= MOST_FOLLOWERS:
                raise TooManyFollowersError(
                    f"{MOST_FOLLOWERS} readers follow this compile already. Ask for it instead."
                )
            mailbox = job.reports.subscribe()
            mailbox.put(job.report(self._ahead(job)))
            return mailbox

    def unsubscribe(self, job_id: str, mailbox: Mailbox[JobReport]) -> None:
        """Close a mailbox of reports."""
        with self._changed:
            if job_id in self._jobs:
                self._jobs[job_id].reports.unsubscribe(mailbox)
        mailbox.close()

    def close(self) -> None:
        """End all jobs and remove their pictures. Harmless when repeated."""
        with self._changed:
            self._closed = True
            for job in self._jobs.values():
                if not job.state.ended:
                    self._end(job, JobState.CANCELLED, "the server ended")
                self._kill(job)
                job.reports.close()
            self._changed.notify_all()
            thread, folder = self._thread, self._folder
        if thread is not None:
            thread.join()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _check_room(self) -> None:
        if self._closed:
            raise TooManyCompilesError("The server is ending.")
        busy = self._running is not None and not self._running.state.ended
        if len(self._queue) >= self._most_waiting + (0 if busy else 1):
            raise TooManyCompilesError(
                f"{len(self._queue) + busy} characters are being compiled or wait for it, the most there may be. "
                "Try again when one is done, or stop one."
            )

    def _job(self, job_id: str) -> Job:
        try:
            return self._jobs[job_id]
        except KeyError:
            raise UnknownCompileError(f"No compile {job_id!r} is known; older ones are forgotten.") from None

    def _compiles(self, name: str) -> bool:
        return any(job.request.name == name and not job.state.ended for job in self._jobs.values())

    def _ahead(self, job: Job) -> int:
        if job not in self._queue:
            return 0
        busy = self._running is not None and not self._running.state.ended
        return self._queue.index(job) + busy

    def _tell(self, job: Job) -> JobReport:
        report = job.report(self._ahead(job))
        job.reports.publish(report)
        return report

    def _end(self, job: Job, state: JobState, words: str, error: JobError | None = None) -> None:
        if job in self._queue:
            self._queue.remove(job)
        job.state, job.words, job.error = state, words, error
        self._tell(job)

    def _kill(self, job: Job) -> None:
        """End a job's process; its loss is noticed by the thread that reads from it."""
        process, job.process = job.process, None
        if process is not None:
            process.kill()

    def _forget_old(self) -> None:
        ended = [job for job in self._jobs.values() if job.state.ended]
        for job in ended[: max(0, len(ended) - MOST_REMEMBERED)]:
            del self._jobs[job.id]
            job.reports.close()
            job.request.picture.unlink(missing_ok=True)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="kuchipaku-compiles", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closed)
                if self._closed:
                    return
                self._running = job = self._queue.pop(0)
                job.state = JobState.RUNNING
                request = job.request
                for waiting in self._queue:
                    self._tell(waiting)
            try:
                with tempfile.TemporaryFile() as log:
                    self._run(job, request, log)
            except Exception:  # whatever is wrong with one job, the next one shall run
                _logger.exception("Compile of %s failed", request.name)
                with self._changed:
                    message = "The compiler could not be started; the server's log says more."
                    self._end(job, JobState.FAILED, "failed", JobError("internal-error", message))
            with self._changed:
                self._running = None

    def _run(self, job: Job, request: CompileRequest, log: IO[bytes]) -> None:
        """Run a job's process to its end and follow what it tells."""
        separate: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            separate = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        pipe = subprocess.PIPE
        process = subprocess.Popen(  # noqa: S603 - our own program
            self.command, stdin=pipe, stdout=pipe, stderr=log, encoding="utf-8", errors="replace", **separate
        )
        with process:
            with self._changed:
                if job.state is JobState.RUNNING and job.request is request:
                    job.process = process
                else:
                    process.kill()
            assert process.stdin is not None  # noqa: S101 - both are pipes
            assert process.stdout is not None  # noqa: S101
            try:
                process.stdin.write(REQUESTS.dump_json(request).decode() + "\n")
                process.stdin.flush()
            except OSError:
                _logger.warning("The compiler ended before it was told what to do")
            for line in process.stdout:
                self._hear(job, process, line)
            process.wait()
        with self._changed:
            if job.process is process:
                job.process = None
                self._conclude(job, process.returncode, log)

    def _hear(self, job: Job, process: subprocess.Popen[str], line: str) -> None:
        try:
            message = MESSAGES.validate_json(line)
        except ValidationError:
            _logger.warning("Not understood from the compiler: %s", line.strip()[:200])
            return
        with self._changed:
            if job.process is not process:
                return
            match message:
                case Advanced():
                    job.quality, job.stage, job.words = message.quality, message.stage, message.words
                    job.fraction = min(1.0, message.done / message.total)
                    if message.stage != "loading":
                        stage = Stage(message.stage)
                        job.pace.see(
                            Progress(stage, message.words, message.done, message.total, samples=message.samples)
                        )
                case Usable():
                    job.usable, job.quality = True, message.quality
                case Failed():
                    job.error = JobError(message.code, message.message)
            self._tell(job)
        if isinstance(message, Usable):
            self._announce(job.request.name)

    def _announce(self, name: str) -> None:
        try:
            self._on_usable(name)
        except Exception:
            _logger.exception("%s was compiled, but could not be shown", name)

    def _conclude(self, job: Job, status: int, log: IO[bytes]) -> None:
        """Decide how a job ended whose process ended by itself."""
        if status == 0:
            self._end(job, JobState.FINISHED, "finished")
            return
        error = job.error
        if error is None:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL_BYTES))
            said = log.read().decode(errors="replace").strip()
            _logger.error("Compile of %s ended with status %d: %s", job.request.name, status, said)
            last = said.splitlines()[-1] if said else "It said nothing"
            error = JobError(
                "compiler-crashed",
                f"The compiler ended unexpectedly (status {status}; {last[:200]}). Try again: it goes on where it was.",
            )
        self._end(job, JobState.FAILED, "failed", error)
