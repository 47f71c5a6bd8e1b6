"""The process that compiles for the server: ``python -m kuchipaku.compiling.worker``.

It reads one request from standard input, tells how far it is on standard output, and ends when standard input does:
so it never outlives the server. It gives way to every other process.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TextIO

import psutil

from kuchipaku.clock import SystemClock
from kuchipaku.compiling.messages import Advanced, Failed, Message, Usable
from kuchipaku.compiling.request import CompileRequest
from kuchipaku_tha.character import CharacterFacts
from kuchipaku_tha.compiler import compile_character
from kuchipaku_tha.drawing import SampledTeacher
from kuchipaku_tha.errors import KuchipakuError
from kuchipaku_tha.fetch import Stage as FetchStage
from kuchipaku_tha.fetch import fetch_teacher, missing_weights, teacher_folder
from kuchipaku_tha.progress import Progress
from kuchipaku_tha.teacher import Teacher

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


def load_published_teacher(tell: Callable[[str, float, float], None]) -> SampledTeacher:
    """The teacher of the default install, fetched if need be.

    Args:
        tell: called with words, finished and total work.

    Raises:
        FetchError: it cannot be fetched.
        WeightsError: its weights are damaged.
    """

    def report(_stage: FetchStage, done_bytes: int, total_bytes: int | None) -> None:
        tell("fetching the teacher, 55 MB", done_bytes, total_bytes or done_bytes or 1)

    if missing_weights(teacher_folder()):
        fetch_teacher(progress=report)
    tell("loading the teacher", 0.0, 1.0)
    return Teacher.load(threads=1)


LoadTeacher = Callable[[Callable[[str, float, float], None]], SampledTeacher]


def main(load_teacher: LoadTeacher = load_published_teacher) -> int:
    """Carry out the request; returns the exit status."""
    teller = _Teller(sys.stdout)
    sys.stdout = sys.stderr  # nothing else may come between the messages
    line = sys.stdin.readline()
    if not line:
        return _ORPHANED
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    _give_way()
    try:
        _compile(CompileRequest.from_json(line), teller, load_teacher)
    except KuchipakuError as error:
        teller.tell(Failed(code=error.code, message=str(error)))
        return 1
    except MemoryError:
        message = "There is not enough memory to compile; 3 GB are needed. End other programs, then try again."
        teller.tell(Failed(code="out-of-memory", message=message))
        return 1
    return 0


def _compile(request: CompileRequest, teller: _Teller, load_teacher: LoadTeacher) -> None:
    first = request.steps[0].quality

    def tell_loading(words: str, done: float, total: float) -> None:
        teller.tell(Advanced(quality=first, stage="loading", words=words, done=done, total=total, samples=0))

    teacher = load_teacher(tell_loading)
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
