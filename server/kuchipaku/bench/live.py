"""The whole live path on one thread: speech, pose, drawing, packing, video encoding."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from kuchipaku.alpha import StackedLayout, pack_stacked
from kuchipaku.avatar import Avatar
from kuchipaku.bench.timing import Stopwatch, Timing
from kuchipaku.clock import ManualClock
from kuchipaku.recording import perform
from kuchipaku.sinks.bitrates import SizedVp8Encoder, suit_bitrates_to_size
from kuchipaku.sinks.packed_video import PackedFrame
from kuchipaku.sinks.tracks import video_frame
from kuchipaku.speech import default_synthesizer
from kuchipaku_tha.character import Character

FPS = 30.0
FRAMES = 300
TEXT = (
    "One picture is enough. I breathe, I blink, I look around, and when you write something, I say it. "
    "All of this is drawn on a processor, without a graphics card, and there is time left over."
)


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """Times per frame of 512×1040 video.

    Attributes:
        fps: frames per second that one thread sustains, all steps included.
        draw: speech, pose and drawing.
        pack: stacking colour and matte.
        encode: VP8, as it is sent to a viewer.
    """

    fps: float
    draw: Timing
    pack: Timing
    encode: Timing


def time_live_path(character: Character) -> LiveFigures:
    """Let the character speak and encode every frame as for a viewer, as fast as one thread can."""
    avatar = Avatar("bench", character, clock=ManualClock(), voice=default_synthesizer(), fps=FPS, seed=0)
    framing = character.framing()
    layout = StackedLayout(framing.width_px, framing.height_px)
    suit_bitrates_to_size()
    encoder = SizedVp8Encoder()
    performance = perform(avatar, TEXT)
    draw, pack, encode = Stopwatch(), Stopwatch(), Stopwatch()
    for _ in range(FRAMES):
        frame, _sound = draw.time(partial(next, performance))
        packed = PackedFrame(frame.time_s, pack.time(partial(pack_stacked, frame.rgba, layout)))
        encode.time(partial(_encode, encoder, packed))
    timings = draw.timing(), pack.timing(), encode.timing()
    return LiveFigures(round(1000 / sum(timing.mean_ms for timing in timings), 1), *timings)


def _encode(encoder: SizedVp8Encoder, packed: PackedFrame) -> None:
    encoder.encode(video_frame(packed))
