"""How steadily do compiled characters move, against their teacher?

    python -m benchmarks.steadiness [CHARACTER ...] [--frames 50] [--json]

Slow, smooth paths through the poses are drawn by both. Jitter is the third difference over time of the flow, in px on
the character: a smooth movement has almost none. Travel is the mean speed of the same flow in px a frame, so that less
jitter by moving less would show.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from kuchipaku.bench.machine import this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.paths import bundled_folder
from kuchipaku_tha.character import Character
from kuchipaku_tha.flow import FLOW_SIZE_PX, coarse_flow
from kuchipaku_tha.pose import Pose, pose_from
from kuchipaku_tha.teacher import Teacher

PATHS: dict[str, Callable[[float], dict[str, float]]] = {
    "sway": lambda turn: {
        "head_y": 0.4 * np.sin(turn),
        "neck_z": 0.3 * np.sin(turn + 1),
        "body_z": 0.3 * np.cos(turn),
        "breathing": 0.5 + 0.5 * np.sin(turn),
    },
    "nod": lambda turn: {"head_x": 0.6 * np.sin(turn), "breathing": 0.5},
}
"""Pose values over a turn of 2π."""


@dataclass(frozen=True, slots=True)
class Steadiness:
    """One path of one character.

    Attributes:
        character: its name.
        path: one of ``PATHS``.
        teacher_jitter_px: mean third difference of the teacher's flow.
        jitter_px: the same of the compiled character's.
        teacher_jitter_p99_px: 99th percentile of the teacher's.
        jitter_p99_px: of the compiled character's.
        teacher_travel_px: mean movement a frame of the teacher's flow.
        travel_px: of the compiled character's.
        times_steadier: ratio of the mean jitters.
    """

    character: str
    path: str
    teacher_jitter_px: float
    jitter_px: float
    teacher_jitter_p99_px: float
    jitter_p99_px: float
    teacher_travel_px: float
    travel_px: float
    times_steadier: float


def jitter_and_travel(flows: NDArray[np.float32], on_character: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Mean and 99th percentile of the third difference, and the mean speed, of flows (frames, rows, columns, 2)."""
    moving = flows[:, on_character]
    third = np.linalg.norm(np.diff(moving, n=3, axis=0), axis=-1)
    speed = np.linalg.norm(np.diff(moving, axis=0), axis=-1)
    return float(third.mean()), float(np.percentile(third, 99)), float(speed.mean())


def compare(character: Character, teacher: Teacher, path: str, frames: int) -> Steadiness:
    """Draw one path with both."""
    poses: list[Pose] = [pose_from(PATHS[path](2 * np.pi * frame / frames)) for frame in range(frames)]
    taught = np.stack([coarse_flow(teacher.pose(pose)) for pose in track(poses, f"{character.name}, {path}")])
    compiled = np.stack([character.data.flow(pose) for pose in poses])
    side = (FLOW_SIZE_PX, FLOW_SIZE_PX)
    on_character = cv2.resize(character.picture[..., 3], side, interpolation=cv2.INTER_AREA) > 250
    inner = cv2.erode(on_character.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    teacher_jitter, teacher_p99, teacher_travel = jitter_and_travel(taught, inner)
    jitter, p99, travel = jitter_and_travel(compiled, inner)
    figures = (teacher_jitter, jitter, teacher_p99, p99, teacher_travel, travel, teacher_jitter / jitter)
    return Steadiness(character.name, path, *(round(figure, 4) for figure in figures))


def main() -> None:
    """Compare every character on every path and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("characters", nargs="*")
    parser.add_argument("--frames", type=int, default=50, help="of each path")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    library = CharacterLibrary()
    names = arguments.characters or CharacterLibrary([bundled_folder("characters")]).names()
    teacher = Teacher.load()
    results = []
    for character in map(library.load, names):
        teacher.set_picture(character.teacher_picture())
        results += [compare(character, teacher, path, arguments.frames) for path in PATHS]
    table = Table(*(field.name for field in fields(Steadiness)))
    for result in results:
        table.add_row(*(str(value) for value in asdict(result).values()))
    Console(width=160).print(table)
    if arguments.json:
        print(json.dumps({"machine": asdict(this_machine()), "steadiness": [asdict(result) for result in results]}))


if __name__ == "__main__":
    main()
