"""The process that examines and compiles for the server: ``python -m kuchipaku.compiling.worker``.

It reads one request from standard input and tells what comes of it on standard output. A compile ends when standard
input does, so it never outlives the server, and gives way to every other process.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Protocol, TextIO

import psutil

from kuchipaku.clock import SystemClock
from kuchipaku.compiling.examination import examine_picture
from kuchipaku.compiling.messages import Advanced, Examined, Failed, Message, Usable
from kuchipaku.compiling.request import REQUESTS, CompileRequest, ExamineRequest
from kuchipaku_tha.character import CharacterFacts
from kuchipaku_tha.compiler import compile_character
from kuchipaku_tha.errors import KuchipakuError
from kuchipaku_tha.fetch import Stage as FetchStage
from kuchipaku_tha.fetch import fetch_teacher, needs_fetching
from kuchipaku_tha.progress import Progress
from kuchipaku_tha.teacher import Teacher
from kuchipaku_tha.teachers import PoseTeacher

REPORT_INTERVAL_S = 0.2
"""Reports of one stage come no more often."""
_LEAST_PRIORITY = 19
_ORPHANED = 3


class _Teller:
    """Writes messages, one a line."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._clock = SystemClock()
        self._told: tuple[str, str, float] | None = None

    def tell(self, message: Message) -> None:
        self._output.write(message.model_dump_json() + "\n")
        self._output.flush()

    def advance(self, quality: str, progress: Progress) -> None:
        """Tell about progress, unless that was done a moment ago."""
        now_s = self._clock.now_s()
        finished = progress.done >= progress.total
        if not finished and self._told is not None:
            told_quality, told_words, told_s = self._told
            if (told_quality, told_words) == (quality, progress.words) and now_s - told_s < REPORT_INTERVAL_S:
                return
        self._told = quality, progress.words, now_s
        self.tell(
            Advanced(
                quality=quality,
                stage=progress.stage,
                words=progress.words,
                done=progress.done,
                total=progress.total,
                samples=progress.samples,
            )
        )


class TellLoading(Protocol):
    """Told how far the loading of a teacher is."""

    def __call__(self, words: str, done: float, total: float) -> None:
        """Take a report: words for a user, finished and total work."""


class LoadTeacher(Protocol):
    """Loads a teacher."""

    def __call__(self, tell: TellLoading | None) -> PoseTeacher | None:
        """The teacher, fetched if need be; without ``tell`` it is not fetched, and may be None."""


def load_published_teacher(tell: TellLoading | None) -> PoseTeacher | None:
    """The teacher of the default install.

    Args:
        tell: told about progress. When None, a teacher that was not fetched yet is None.

    Raises:
        FetchError: it cannot be fetched.
        WeightsError: its weights are damaged.
    """
    missing = needs_fetching()
    if tell is None:
        return None if missing else Teacher.load(threads=1)

    def report(_stage: FetchStage, done_bytes: int, total_bytes: int | None) -> None:
        tell("fetching the teacher, 55 MB", done_bytes, total_bytes or done_bytes or 1)

    if missing:
        fetch_teacher(progress=report)
    tell("loading the teacher", 0.0, 1.0)
    return Teacher.load(threads=1)


def main(load_teacher: LoadTeacher = load_published_teacher) -> int:
    """Carry out the request; returns the exit status."""
    teller = _Teller(sys.stdout)
    sys.stdout = sys.stderr  # nothing else may come between the messages
    line = sys.stdin.readline()
    if not line:
        return _ORPHANED
    request = REQUESTS.validate_json(line)
    try:
        if isinstance(request, ExamineRequest):
            _examine(request, teller, load_teacher)
        else:
            threading.Thread(target=_end_with_the_server, daemon=True).start()
            _give_way()
            _compile(request, teller, load_teacher)
    except KuchipakuError as error:
        teller.tell(Failed(code=error.code, http_status=error.http_status, message=str(error)))
        return 1
    except MemoryError:
        message = "There is not enough memory; 3 GB are needed. End other programs, then try again."
        teller.tell(Failed(code="out-of-memory", http_status=503, message=message))
        return 1
    return 0


def _examine(request: ExamineRequest, teller: _Teller, load_teacher: LoadTeacher) -> None:
    teacher = load_teacher(None)
    teller.tell(Examined(examination=examine_picture(request, teacher)))


def _compile(request: CompileRequest, teller: _Teller, load_teacher: LoadTeacher) -> None:
    first = request.steps[0].quality

    def tell_loading(words: str, done: float, total: float) -> None:
        teller.tell(Advanced(quality=first, stage="loading", words=words, done=done, total=total, samples=0))

    teacher = load_teacher(tell_loading)
    assert teacher is not None  # noqa: S101 - it was fetched
    for step in request.steps:

        def listen(progress: Progress, quality: str = step.quality) -> None:
            teller.advance(quality, progress)

        compile_character(
            request.picture,
            request.name,
            request.folder,
            teacher=teacher,
            settings=step.settings,
            head=request.head,
            background_tolerance=request.background_tolerance,
            facts=CharacterFacts(request.title, request.author, request.licence),
            listener=listen,
            threads=request.threads,
        )
        teller.tell(Usable(quality=step.quality))


def _end_with_the_server() -> None:
    sys.stdin.read()
    os._exit(_ORPHANED)


def _give_way() -> None:
    """Leave the processor to whoever else wants it."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.IDLE_PRIORITY_CLASS)
    else:
        process.nice(_LEAST_PRIORITY)


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.exit(main())
