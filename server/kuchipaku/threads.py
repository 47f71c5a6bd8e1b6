"""How many threads the array libraries may use."""

from __future__ import annotations

import cv2
from threadpoolctl import threadpool_limits


def draw_on_one_thread() -> None:
    """Let OpenCV and the BLAS behind numpy work on the calling thread alone, in this whole process.

    A frame is drawn in a millisecond or two: helper threads would gain little, and while they wait for the next piece
    of work they take time from encoding and from other avatars.
    """
    cv2.setNumThreads(1)
    threadpool_limits(limits=1, user_api="blas")
