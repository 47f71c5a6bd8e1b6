"""How steadily do compiled characters move, against their teacher?

    python -m benchmarks.steadiness [CHARACTER ...] [--cache DIR] [--json]

Both draw the same movements, 30 frames a second. Jitter is the third difference over time: a smooth movement has
almost none, whatever its speed. It is measured twice.

Of the *flow*, in px on the character. ``sway`` and ``nod`` are slow, 50 frames; travel, the mean speed of the same
flow, would show a character that is steady only because it moves less. Under ``blink``, ``slow blink`` and ``speech``
head and body rest, so that all jitter of the flow is unwanted.

Of the *pixels* within the face crop, in sRGB levels, where only the face moves. Those that the teacher's face morpher
leaves alone should stay as they are: their jitter is the trembling that a viewer sees around a blink. Those that it
moves do have a third difference, since a lid really crosses them within a frame or two: there the compiled character
should have about as much as the teacher (far less would be a blur or a lag), and the travel be the same. A slow blink
brings out what is not movement.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.drawing import Drawing
from benchmarks.fidelity import built_in_names, find
from benchmarks.truth import TeacherFrames, TruthTeller
from kuchipaku.bench.machine import this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.idle import blink_curve
from kuchipaku.mouth import speech_mouth
from kuchipaku.types import Viseme, VisemeCue
from kuchipaku.visemes import MORPH_INDICES
from kuchipaku_tha.character import Character
from kuchipaku_tha.flow import FLOW_SIZE_PX
from kuchipaku_tha.pose import Pose, neutral_pose, pose_from
from kuchipaku_tha.teacher import FACE_REGION

FPS = 30
SLOW_FRAMES = 50
BLINK_FRAMES = 16
BLINK_START_S = 0.1
VISEME_S = 0.12
SPOKEN = ("sil", "nn", "I", "PP", "E", "SS", "O", "U", "kk", "aa", "DD", "sil")
FACE_CHANGE = 6
"""Range over a movement, in levels, from which on the face morpher is taken to move a pixel."""
FACE_MARGIN_PX = 4
FULLY_COVERED = 250


@dataclass(frozen=True, slots=True)
class Motion:
    """How something moves over a path.

    Attributes:
        jitter: mean third difference.
        jitter_p99: its 99th percentile.
        travel: mean first difference.
    """

    jitter: float
    jitter_p99: float
    travel: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One path, one quantity, both characters.

    Attributes:
        character: its name.
        path: one of ``paths()``.
        what: ``flow``, in px; ``still pixels`` or ``moving pixels``, in levels.
        teacher: the teacher's.
        compiled: the compiled character's.
    """

    character: str
    path: str
    what: str
    teacher: Motion
    compiled: Motion

    @property
    def times_steadier(self) -> float:
        """Ratio of the mean jitters; infinite if the compiled character has none."""
        return self.teacher.jitter / self.compiled.jitter if self.compiled.jitter else math.inf


def paths() -> dict[str, list[Pose]]:
    """Every movement, frame by frame."""
    return {
        "sway": [pose_from(_sway(2 * math.pi * frame / SLOW_FRAMES)) for frame in range(SLOW_FRAMES)],
        "nod": [pose_from(_nod(2 * math.pi * frame / SLOW_FRAMES)) for frame in range(SLOW_FRAMES)],
        "blink": [_closed(blink_curve(frame / FPS - BLINK_START_S)) for frame in range(BLINK_FRAMES)],
        "slow blink": [_closed(0.5 - 0.5 * math.cos(2 * math.pi * i / SLOW_FRAMES)) for i in range(SLOW_FRAMES)],
        "speech": _speech(),
    }


TURNS = ("sway", "nod")
"""Paths on which the whole character moves; on the others only the face does."""


def _sway(turn: float) -> dict[str, float]:
    return {
        "head_y": 0.4 * math.sin(turn),
        "neck_z": 0.3 * math.sin(turn + 1),
        "body_z": 0.3 * math.cos(turn),
        "breathing": 0.5 + 0.5 * math.sin(turn),
    }


def _nod(turn: float) -> dict[str, float]:
    return {"head_x": 0.6 * math.sin(turn), "breathing": 0.5}


def _closed(blink: float) -> Pose:
    return pose_from({"eye_wink_left": blink, "eye_wink_right": blink})


def _speech() -> list[Pose]:
    cues = [VisemeCue(VISEME_S * index, VISEME_S * (index + 1), Viseme(viseme)) for index, viseme in enumerate(SPOKEN)]
    poses = []
    for frame in range(round(VISEME_S * len(SPOKEN) * FPS)):
        pose = neutral_pose()
        pose[MORPH_INDICES] = speech_mouth(frame / FPS, cues).morphs
        poses.append(pose)
    return poses


def compare(character: Character, teller: TruthTeller) -> list[Comparison]:
    """Draw every path with both."""
    drawing = Drawing(character)
    rows = []
    for path, poses in paths().items():
        truth = teller.frames(character, poses, f"{character.name}, {path}")
        rows.append(Comparison(character.name, path, "flow", *_flow_motions(drawing, truth)))
        if path not in TURNS:
            drawn = np.stack([drawing.picture(pose)[FACE_REGION] for pose in poses])
            taught = truth.images[:, *FACE_REGION]
            moving = moved_pixels(truth.faces)
            for what, where in (("still pixels", ~moving), ("moving pixels", moving)):
                motions = (motion(frames.astype(np.float32), where, levels=True) for frames in (taught, drawn))
                rows.append(Comparison(character.name, path, what, *motions))
    return rows


def motion(frames: NDArray[np.float32], where: NDArray[np.bool_], *, levels: bool = False) -> Motion:
    """Third and first differences of frames (frames, rows, columns, values) at some of the rows and columns.

    Args:
        frames: what moves.
        where: bool (rows, columns).
        levels: a pixel's difference is the greatest of its values', not the length of a vector.
    """
    chosen = frames[:, where]

    def size(differences: NDArray[np.float32]) -> NDArray[np.float32]:
        sizes = np.abs(differences).max(axis=-1) if levels else np.linalg.norm(differences, axis=-1)
        return np.asarray(sizes, np.float32)

    third, first = size(np.diff(chosen, n=3, axis=0)), size(np.diff(chosen, axis=0))
    return Motion(*(round(float(value), 4) for value in (third.mean(), np.percentile(third, 99), first.mean())))


def moved_pixels(faces: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the face morpher changes something over a movement, with a margin; bool (rows, columns)."""
    changed = (np.ptp(faces, axis=0).max(axis=-1) > FACE_CHANGE).astype(np.uint8)
    side = 2 * FACE_MARGIN_PX + 1
    return np.asarray(cv2.dilate(changed, np.ones((side, side), np.uint8)), np.uint8) > 0


def _flow_motions(drawing: Drawing, truth: TeacherFrames) -> tuple[Motion, Motion]:
    """Of both flows, averaged over cells of the coarse grid that lie well inside the character."""
    side = (FLOW_SIZE_PX, FLOW_SIZE_PX)
    covered = np.asarray(cv2.resize(truth.images[0, ..., 3], side, interpolation=cv2.INTER_AREA)) > FULLY_COVERED
    inner = np.asarray(cv2.erode(covered.astype(np.uint8), np.ones((5, 5), np.uint8)), np.uint8) > 0

    def coarse(flows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.stack([cv2.resize(flow, side, interpolation=cv2.INTER_AREA) for flow in flows]).astype(np.float32)

    taught = motion(coarse(list(truth.flows)), inner)
    return taught, motion(coarse([drawing.flow(pose) for pose in truth.poses]), inner)


def as_record(comparison: Comparison) -> dict[str, object]:
    """For JSON, where infinity is null."""
    ratio = comparison.times_steadier
    return asdict(comparison) | {"times_steadier": round(ratio, 2) if math.isfinite(ratio) else None}


def main() -> None:
    """Compare every character on every path and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("characters", nargs="*")
    parser.add_argument("--cache", type=Path, help="keep what the teacher drew in this folder (3.3 MB a frame)")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    library, teller = CharacterLibrary(), TruthTeller(arguments.cache)
    names = arguments.characters or built_in_names()
    rows = [row for name in names for row in compare(find(name, library), teller)]
    table = Table("character", "path", "of", "", "jitter", "p99", "travel", "times steadier")
    for row in rows:
        for who, moved in (("teacher", row.teacher), ("compiled", row.compiled)):
            figures = [f"{value:.3f}" for value in asdict(moved).values()]
            ratio = f"{row.times_steadier:.1f}" if who == "compiled" else ""
            table.add_row(row.character, row.path, row.what, who, *figures, ratio)
    Console(width=120).print(table)
    if arguments.json:
        print(json.dumps({"machine": asdict(this_machine()), "steadiness": [as_record(row) for row in rows]}))


if __name__ == "__main__":
    main()
