"""How much of the machine do two speaking avatars of different characters take, encoding included?

    python -m benchmarks.two_sessions [CHARACTER CHARACTER] [--size 512] [--seconds 20] [--json]

Both live in real time at 30 fps on threads of their own, speak without a pause, and every frame is stacked and encoded
as VP8 as for one viewer each; only the network is missing. CPU time is that of the whole process, in cores.
"""

from __future__ import annotations

import argparse
import json
import threading
from dataclasses import asdict, dataclass, fields

import psutil
from rich.console import Console
from rich.table import Table

from kuchipaku.avatar import Avatar
from kuchipaku.bench.live import TEXT
from kuchipaku.bench.machine import this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.cli.sizes import frame_size
from kuchipaku.clock import SystemClock
from kuchipaku.mailbox import Mailbox, MailboxClosedError
from kuchipaku.paths import bundled_folder
from kuchipaku.sinks.bitrates import SizedVp8Encoder, suit_bitrates_to_size
from kuchipaku.sinks.packed_video import PackedFrame, PackedVideo
from kuchipaku.sinks.tracks import video_frame
from kuchipaku.speech import default_synthesizer
from kuchipaku.threads import draw_on_one_thread

FPS = 30.0
WARM_UP_S = 3.0
REPEATS = 20


@dataclass(frozen=True, slots=True)
class Session:
    """One avatar over the measured time.

    Attributes:
        character: its name.
        frame: width and height, px.
        encoded_fps: frames encoded per second.
        mbit_per_s: of video.
        dropped: frames that could not be drawn in time.
        draw_ms: median time of drawing one.
    """

    character: str
    frame: str
    encoded_fps: float
    mbit_per_s: float
    dropped: int
    draw_ms: float


class Viewer:
    """Encodes one avatar's video on a thread of its own, as for a viewer."""

    def __init__(self, avatar: Avatar) -> None:
        self.avatar = avatar
        self.frames = 0
        self.bytes = 0
        self._video = PackedVideo(avatar)
        self._mailbox = self._video.subscribe()
        self._thread = threading.Thread(target=self._encode, args=(self._mailbox,), name="encode")
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._video.unsubscribe(self._mailbox)
        self._thread.join()

    def _encode(self, mailbox: Mailbox[PackedFrame]) -> None:
        encoder = SizedVp8Encoder()
        while True:
            try:
                packed = mailbox.get()
            except MailboxClosedError:
                return
            payloads, _ = encoder.encode(video_frame(packed))
            self.frames += 1
            self.bytes += sum(map(len, payloads))


def measure(viewers: list[Viewer], seconds: float) -> tuple[list[Session], float]:
    """What the sessions do for a while, and how many cores that takes."""
    clock, process = SystemClock(), psutil.Process()
    clock.sleep_until_s(WARM_UP_S)
    before = [(viewer.frames, viewer.bytes, viewer.avatar.stats().render.dropped) for viewer in viewers]
    begin_s, begin_cpu_s = clock.now_s(), sum(process.cpu_times()[:2])
    clock.sleep_until_s(begin_s + seconds)
    passed_s = clock.now_s() - begin_s
    cores = (sum(process.cpu_times()[:2]) - begin_cpu_s) / passed_s
    sessions = []
    for viewer, (frames, sent, dropped) in zip(viewers, before, strict=True):
        avatar, render = viewer.avatar, viewer.avatar.stats().render
        sessions.append(
            Session(
                avatar.character.name,
                f"{avatar.width_px}×{avatar.height_px}",
                round((viewer.frames - frames) / passed_s, 1),
                round((viewer.bytes - sent) * 8e-6 / passed_s, 2),
                render.dropped - dropped,
                round(render.render_ms_p50, 2),
            )
        )
    return sessions, round(cores, 2)


def main() -> None:
    """Run the sessions and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("characters", nargs="*", help="names; the first two built-in ones when absent")
    parser.add_argument("--size", help="of the frames, as for `kuchipaku serve`")
    parser.add_argument("--seconds", type=float, default=20.0, help="measured, after a warm-up")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    draw_on_one_thread()
    suit_bitrates_to_size()
    library, voice = CharacterLibrary(), default_synthesizer()
    names = arguments.characters or CharacterLibrary([bundled_folder("characters")]).names()[:2]
    size = frame_size(arguments.size)
    avatars = [Avatar(name, library.load(name), clock=SystemClock(), voice=voice, fps=FPS, size=size) for name in names]
    viewers = [Viewer(avatar) for avatar in avatars]
    for avatar in avatars:
        avatar.start()
        avatar.speak(TEXT * REPEATS)
    sessions, cores = measure(viewers, arguments.seconds)
    for viewer in viewers:
        viewer.stop()
        viewer.avatar.close()
    table = Table(*(field.name for field in fields(Session)))
    for session in sessions:
        table.add_row(*(str(value) for value in asdict(session).values()))
    console = Console(width=120)
    console.print(table)
    console.print(f"{cores} of {psutil.cpu_count()} cores")
    if arguments.json:
        rows = [asdict(session) for session in sessions]
        print(json.dumps({"machine": asdict(this_machine()), "cores": cores, "sessions": rows}))


if __name__ == "__main__":
    main()
