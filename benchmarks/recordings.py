"""A minute of every character: speaking, feeling something else every six seconds.

    python -m benchmarks.recordings [CHARACTER ...] [--output DIR] [--seconds 60] [--json]

Characters by name or folder; the built-in ones when none is given. Writes, for each, what `kuchipaku render` writes,
a contact sheet with a frame every two seconds, and one of the greatest jumps from one frame to the next, to look at.
Prints how long sound and picture are in the finished file, how many frames differ from the one before, and by how
much, as the mean over the picture in levels of 255.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import av
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import sheets
from benchmarks.fidelity import built_in_names, find
from kuchipaku.avatar import Avatar
from kuchipaku.bench.machine import this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.clock import ManualClock
from kuchipaku.recording import perform
from kuchipaku.sinks.file import WebmWriter
from kuchipaku.speech import default_synthesizer
from kuchipaku.threads import draw_on_one_thread
from kuchipaku.types import Frame, Samples
from kuchipaku_tha.character import Character
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.rectangle import Area

FPS = 30.0
SHEET_EVERY_S = 2.0
SHEET_COLUMNS = 6
EMOTION_EVERY_S = 6.0
EMOTIONS = ("neutral", "joy", "curiosity", "surprise", "sadness", "amusement", "anger", "love", "realization", "relief")
JUMPS = 6
"""Greatest jumps that are shown, at least ``JUMPS_APART_S`` apart."""
JUMPS_APART_S = 0.5
TEXT = (
    "Good morning! My name means little spring, and I was drawn only once. "
    "From that one picture I breathe, I blink, and I look around. "
    "Maybe you wonder how many people bring me to life? None, but a processor and a bit of patience. "
    "Papa bought a big brown bear, and mama put it by the pond. "
    "Five very fine foxes fled from the fire, while I watched the whole show with wide open eyes. "
    "Oh no! Who moved my blue umbrella? "
    "She sells sea shells by the shore, and the shells she sells are surely seen by the sea. "
    "Ah, what a lovely day it is. I am so happy that you came. "
    "But sometimes, when it rains for hours and hours, I am a little sad, and I sit by the window. "
    "You and I could choose a few good books, and read them aloud, one after the other. "
    "Please come back tomorrow, will you? Thank you for everything, and goodbye, my friend! "
)


@dataclass(frozen=True, slots=True)
class Recording:
    """What a recording is like.

    Attributes:
        character: who speaks.
        video_s: length of the picture in the file.
        sound_s: length of the sound in the file.
        changed_share: share of the frames that differ from the one before.
        longest_still_s: longest time without a change.
        change_median: median change from one frame to the next, in levels.
        change_max: the greatest.
        change_max_at_s: when that was.
    """

    character: str
    video_s: float
    sound_s: float
    changed_share: float
    longest_still_s: float
    change_median: float
    change_max: float
    change_max_at_s: float


def record(character: Character, folder: Path, seconds: float) -> Recording:
    """Write the video and both sheets."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{character.name}.webm"
    avatar = Avatar("recording", character, clock=ManualClock(), voice=default_synthesizer(), fps=FPS, seed=0)
    head = head_area(character)
    every, count = round(SHEET_EVERY_S * FPS), round(seconds * FPS)
    shown: list[PremultipliedRgba] = []
    changes: list[float] = []
    jumps: list[tuple[float, int, PremultipliedRgba, PremultipliedRgba]] = []
    before: PremultipliedRgba | None = None
    with WebmWriter(path, size_px=(avatar.width_px, avatar.height_px), fps=FPS) as writer:
        for index, (frame, samples) in enumerate(track(_moments(avatar, count), f"recording {character.name}", count)):
            writer.write_frame(frame)
            writer.write_sound(samples)
            if index % every == 0:
                shown.append(frame.rgba[head])
            if before is not None:
                changes.append(float(np.abs(frame.rgba.astype(np.int16) - before).mean()))
                jumps = _greatest([*jumps, (changes[-1], index, before[head], frame.rgba[head])])
            before = frame.rgba
    sheets.save(sheets.grid(shown, SHEET_COLUMNS), folder / f"{character.name}.webp")
    pairs = [picture for _change, _index, *pair in jumps for picture in pair]
    sheets.save(sheets.grid(pairs, 4, 2 * sheets.CELL_PX), folder / f"{character.name}-jumps.webp")
    return Recording(character.name, *file_lengths_s(path), *_change_figures(np.array(changes)))


def head_area(character: Character) -> Area:
    """Rows and columns of its frames that show head and shoulders."""
    axes = character.framing().axes_over_box(character.placement)
    rows, columns = (
        slice(
            max(0, round((side.start - axis.start) / axis.step)),
            min(axis.count, round((side.stop - axis.start) / axis.step)),
        )
        for axis, side in zip(axes, sheets.HEAD, strict=True)
    )
    return rows, columns


def _moments(avatar: Avatar, count: int) -> Iterator[tuple[Frame, Samples]]:
    """Speech until the time is over, with an emotion now and then."""
    words = TEXT * (1 + count // round(30 * FPS))
    emotions = itertools.cycle(EMOTIONS)
    every = round(EMOTION_EVERY_S * FPS)
    for index, moment in enumerate(itertools.islice(perform(avatar, words), count)):
        if index % every == 0:
            avatar.set_emotion(next(emotions))
        yield moment


def _greatest(
    jumps: list[tuple[float, int, PremultipliedRgba, PremultipliedRgba]],
) -> list[tuple[float, int, PremultipliedRgba, PremultipliedRgba]]:
    """The greatest jumps, of those that lie close together only one."""
    kept: list[tuple[float, int, PremultipliedRgba, PremultipliedRgba]] = []
    for jump in sorted(jumps, key=lambda jump: -jump[0]):
        if all(abs(jump[1] - other[1]) >= JUMPS_APART_S * FPS for other in kept):
            kept.append(jump)
    return kept[:JUMPS]


def _change_figures(changes: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, ...]:
    """All figures of ``Recording`` that are about changes."""
    still = "".join("0" if change else "1" for change in changes)
    longest_still_s = max(map(len, still.split("0"))) / FPS
    greatest = int(changes.argmax())
    figures = (np.mean(changes > 0), longest_still_s, np.median(changes), changes[greatest], (greatest + 1) / FPS)
    return tuple(round(float(figure), 3) for figure in figures)


def file_lengths_s(path: Path) -> tuple[float, float]:
    """Length of picture and sound in a file, from its last packets."""
    with av.open(str(path)) as container:
        ends_s = dict.fromkeys(("video", "audio"), 0.0)
        for packet in container.demux():
            if packet.pts is not None:
                duration = packet.duration or 0
                end_s = float((packet.pts + duration) * packet.time_base)
                ends_s[packet.stream.type] = max(ends_s[packet.stream.type], end_s)
    return round(ends_s["video"], 2), round(ends_s["audio"], 2)


def main() -> None:
    """Record every character and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("characters", nargs="*")
    parser.add_argument("--output", type=Path, default=Path("recordings"), help="folder to write to")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    draw_on_one_thread()
    library = CharacterLibrary()
    names = arguments.characters or built_in_names()
    recordings = [record(find(name, library), arguments.output, arguments.seconds) for name in names]
    table = Table(*(field.name for field in fields(Recording)))
    for recording in recordings:
        table.add_row(*(str(value) for value in asdict(recording).values()))
    Console(width=140).print(table)
    if arguments.json:
        rows = [asdict(recording) for recording in recordings]
        print(json.dumps({"machine": asdict(this_machine()), "recordings": rows}))


if __name__ == "__main__":
    main()
