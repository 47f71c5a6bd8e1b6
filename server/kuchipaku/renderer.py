"""Draws an avatar in real time on a thread of its own."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from kuchipaku.animator import Animator
from kuchipaku.clock import Clock, SystemClock
from kuchipaku.types import Frame
from kuchipaku_tha.morpher import Morpher, PremultipliedRgba
from kuchipaku_tha.pose import Pose

_logger = logging.getLogger(__name__)

POSE_STEPS = 1024.0
"""Poses are rounded to 1/1024, a tenth of a pixel at most, so that a still character is drawn once."""
FADE_S = 0.25
"""How long one morpher blends over into its replacement."""
LOG_INTERVAL_S = 10.0
TIMINGS_KEPT = 256


@dataclass(frozen=True, slots=True)
class RenderStats:
    """Counters since the start, and times over the last ``TIMINGS_KEPT`` drawn frames.

    Attributes:
        drawn: frames handed out.
        dropped: moments passed over because drawing took too long.
        failed: frames that the morpher could not draw.
        reused: frames whose picture was that of the frame before.
        render_ms_p50: median time of drawing one frame, milliseconds.
        render_ms_p95: its 95th percentile.
        fps: frames handed out per second lately; 0 before the second frame.
    """

    drawn: int
    dropped: int
    failed: int
    reused: int
    render_ms_p50: float
    render_ms_p95: float
    fps: float


class _Outgoing:
    """A morpher that has been replaced, while what it draws still fades out."""

    def __init__(self, morpher: Morpher) -> None:
        self._morpher = morpher
        self._began_s: float | None = None

    def over(self, t_s: float) -> bool:
        """Whether nothing of it shows any more."""
        return self._began_s is not None and t_s >= self._began_s + FADE_S

    def blend(self, incoming: PremultipliedRgba, pose: Pose, t_s: float) -> PremultipliedRgba:
        """The replacement's picture with what is left of this one's; its fading begins with the first call."""
        self._began_s = t_s if self._began_s is None else self._began_s
        share = min(1.0, max(0.0, (t_s - self._began_s) / FADE_S))
        return np.asarray(cv2.addWeighted(incoming, share, self._morpher.render(pose), 1 - share, 0), np.uint8)


class Renderer:
    """Draws the animator's poses at the clock's pace and hands every frame to ``publish``.

    Motion is always in real time: each frame shows its own moment, and when drawing takes longer than a frame
    lasts, the moments that passed meanwhile are dropped and counted (``Frame.sequence`` skips them).
    """

    def __init__(
        self,
        animator: Animator,
        morpher: Morpher,
        clock: Clock,
        fps: float,
        publish: Callable[[Frame], None],
    ) -> None:
        self._animator = animator
        self._morpher = morpher
        self._outgoing: _Outgoing | None = None
        self._clock = clock
        self._fps = fps
        self._publish = publish
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._drawing = threading.Lock()
        self._last: tuple[Pose, PremultipliedRgba] | None = None
        self._next_tick = 0
        self._drawn = self._dropped = self._failed = self._reused = 0
        self._stopwatch = SystemClock()
        self._render_ms: deque[float] = deque(maxlen=TIMINGS_KEPT)
        self._shown_s: deque[float] = deque(maxlen=TIMINGS_KEPT)
        self._logged_s = -math.inf

    def start(self) -> None:
        """Start drawing on a thread; harmless when it is running."""
        if self._thread is None:
            self._stopping.clear()
            self._next_tick = math.ceil(self._clock.now_s() * self._fps)
            self._thread = threading.Thread(target=self._run, name="kuchipaku-render", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait for it; harmless when there is none."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None

    def step(self) -> None:
        """Wait for the next frame's moment, draw it and publish it. The thread repeats this."""
        present = math.floor(self._clock.now_s() * self._fps)
        if present > self._next_tick:
            self._dropped += present - self._next_tick
            self._next_tick = present
        tick = self._next_tick
        self._next_tick += 1
        self._clock.sleep_until_s(tick / self._fps)
        try:
            rgba = self.draw(tick / self._fps)
        except Exception as error:  # noqa: BLE001 - a broken character must not end the avatar
            self._report(error)
            return
        self._drawn += 1
        self._shown_s.append(self._clock.now_s())
        self._publish(Frame(tick / self._fps, tick, rgba))

    def draw(self, t_s: float) -> PremultipliedRgba:
        """The picture of a moment: premultiplied sRGB RGBA, not to be written to. Any thread may call it."""
        pose: Pose = (np.round(self._animator.pose_at(t_s) * POSE_STEPS) / POSE_STEPS).astype(np.float32)
        with self._drawing:
            if self._outgoing is not None and self._outgoing.over(t_s):
                self._outgoing = self._last = None
            if self._outgoing is None and self._last is not None and np.array_equal(self._last[0], pose):
                self._reused += 1
                return self._last[1]
            began_s = self._stopwatch.now_s()
            rgba = self._morpher.render(pose)
            if self._outgoing is not None:
                rgba = self._outgoing.blend(rgba, pose, t_s)
            self._render_ms.append(1000.0 * (self._stopwatch.now_s() - began_s))
            rgba.setflags(write=False)
            self._last = (pose, rgba)
            return rgba

    def replace_morpher(self, morpher: Morpher) -> None:
        """Draw with another morpher from the next frame on, blending over within ``FADE_S``. Any thread may call it.

        Args:
            morpher: draws frames of the same size.
        """
        with self._drawing:
            self._outgoing = _Outgoing(self._morpher)
            self._morpher = morpher

    def stats(self) -> RenderStats:
        """Counters and times up to now."""
        times_ms = list(self._render_ms) or [0.0]
        p50, p95 = np.percentile(times_ms, (50, 95))
        shown_s = list(self._shown_s)
        span_s = shown_s[-1] - shown_s[0] if len(shown_s) > 1 else 0.0
        fps = (len(shown_s) - 1) / span_s if span_s > 0 else 0.0
        return RenderStats(self._drawn, self._dropped, self._failed, self._reused, float(p50), float(p95), fps)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.step()

    def _report(self, error: Exception) -> None:
        self._failed += 1
        now_s = self._clock.now_s()
        if now_s - self._logged_s >= LOG_INTERVAL_S:
            self._logged_s = now_s
            _logger.error("Frame not drawn (%d failed so far)", self._failed, exc_info=error)
