"""What does a frame cost at each size?

    python -m benchmarks.sizes [CHARACTER ...] [--rounds 6] [--json]

One core draws frames of 512, 768 and 1024 px (and of the picture's own size, with --own), every pose new: with face and
body moving, with the body alone, and with the face alone, which a turned head shows as well. The floor is a plain
cv2.remap of as many RGBA pixels through a ready map. All are timed by turns, so that whatever else the machine is doing
falls on all of them; ratios say more than milliseconds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from kuchipaku.bench.drawing import random_poses
from kuchipaku.bench.machine import this_machine
from kuchipaku.bench.timing import Stopwatch
from kuchipaku.characters import CharacterLibrary
from kuchipaku.paths import bundled_folder
from kuchipaku.threads import draw_on_one_thread
from kuchipaku_tha.character import Character
from kuchipaku_tha.framing import FRAME_SIZES, FrameSize
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import ROTATION, Pose

POSES_PER_ROUND = 30
FLOOR_SHIFT_PX = 3.3


@dataclass(frozen=True, slots=True)
class SizeCost:
    """Median times of one frame of one size.

    Attributes:
        character: its name.
        size: what was asked for.
        frame: width and height, px.
        all_ms: face and body move.
        body_ms: the body alone moves.
        face_ms: the face alone moves.
        floor_ms: a plain warp of as many RGBA pixels.
        times_floor: ``all_ms`` over ``floor_ms``.
    """

    character: str
    size: str
    frame: str
    all_ms: float
    body_ms: float
    face_ms: float
    floor_ms: float
    times_floor: float


def poses_with(count: int, *, face: bool, body: bool) -> list[Pose]:
    """Random poses of which one part stays as it is."""
    poses = random_poses(count)
    for pose in poses[1:]:
        if not face:
            pose[: ROTATION.start] = poses[0][: ROTATION.start]
        if not body:
            pose[ROTATION] = poses[0][ROTATION]
    return poses


def plain_warp(picture: PremultipliedRgba) -> Callable[[], NDArray[np.uint8]]:
    """A warp through a map that is ready."""
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    x += np.float32(FLOOR_SHIFT_PX)
    warp = partial(cv2.remap, picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return lambda: np.asarray(warp(), np.uint8)


def time_size(character: Character, size: FrameSize, rounds: int) -> SizeCost:
    """Time one size."""
    count = 1 + rounds * POSES_PER_ROUND
    paths = [poses_with(count, face=face, body=body) for face, body in ((True, True), (False, True), (True, False))]
    morphers = [character.morpher(size) for _ in paths]
    floor = plain_warp(morphers[0].render(paths[0][0]))
    watches, floor_watch = [Stopwatch() for _ in paths], Stopwatch()
    for morpher, poses in zip(morphers, paths, strict=True):
        morpher.render(poses[0])
    floor()
    for first in track(range(1, count, POSES_PER_ROUND), f"{character.name}, {size}"):
        for watch, morpher, poses in zip(watches, morphers, paths, strict=True):
            for pose in poses[first : first + POSES_PER_ROUND]:
                watch.time(partial(morpher.render, pose))
        for _ in range(POSES_PER_ROUND):
            floor_watch.time(floor)
    everything, body, face = (watch.timing().median_ms for watch in watches)
    floor_ms = floor_watch.timing().median_ms
    frame = f"{morphers[0].width_px}×{morphers[0].height_px}"
    return SizeCost(character.name, str(size), frame, everything, body, face, floor_ms, round(everything / floor_ms, 2))


def main() -> None:
    """Time every character at every size and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("characters", nargs="*", help="names; the built-in ones when absent")
    parser.add_argument("--rounds", type=int, default=6, help=f"of {POSES_PER_ROUND} frames of each kind")
    parser.add_argument("--own", action="store_true", help="also the pictures' own size")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    draw_on_one_thread()
    library = CharacterLibrary()
    names = arguments.characters or CharacterLibrary([bundled_folder("characters")]).names()
    sizes = [size for size in FRAME_SIZES if arguments.own or size != "own"]
    costs = [time_size(library.load(name), size, arguments.rounds) for name in names for size in sizes]
    table = Table(*(field.name for field in fields(SizeCost)))
    for cost in costs:
        table.add_row(*(str(value) for value in asdict(cost).values()))
    Console(width=120).print(table)
    if arguments.json:
        print(json.dumps({"machine": asdict(this_machine()), "sizes": [asdict(cost) for cost in costs]}))


if __name__ == "__main__":
    main()
