"""The compiling process with a teacher that is drawn, for tests: ``python -m tests.compile_worker``.

The environment variable SAMPLE_PAUSE_S makes every sample slow, BREAK_AT ends the process at that sample.
"""

from __future__ import annotations

import os
import sys
import time

from kuchipaku.compiling.worker import TellLoading, main
from tests.tha.drawn_teacher import DrawnTeacher

COMMAND = (sys.executable, "-m", "tests.compile_worker")


def _load(tell: TellLoading | None) -> DrawnTeacher:
    pause_s = float(os.environ.get("SAMPLE_PAUSE_S", "0"))
    break_at = int(os.environ.get("BREAK_AT", "0"))
    drawn = 0

    def before_each() -> None:
        nonlocal drawn
        drawn += 1
        time.sleep(pause_s)
        if drawn == break_at:
            print("the teacher broke", file=sys.stderr, flush=True)  # noqa: T201 - what a crash leaves behind
            os._exit(9)

    if tell is not None:
        tell("loading the teacher", 0.0, 1.0)
    return DrawnTeacher(before_each)


if __name__ == "__main__":
    sys.exit(main(_load))
