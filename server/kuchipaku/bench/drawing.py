"""One drawn frame: the compiled morpher, what it saves where little changes, a plain warp, and other ways to draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from kuchipaku.bench.contenders import Draw, load_contenders
from kuchipaku.bench.timing import Stopwatch, Timing
from kuchipaku_tha.character import Character
from kuchipaku_tha.picture import SIZE_PX
from kuchipaku_tha.pose import HIGH, LOW, POSE_SIZE, ROTATION, Pose

ROUNDS = 8
POSES_PER_ROUND = 40
SEED = 1
FLOW_PX = 20.0
"""By how much the plain warp displaces, at most."""

MORPHER, STILL_FACE, STILL_BODY, SAME_POSE, PLAIN_WARP = "compiled", "still_face", "still_body", "same_pose", "warp"


@dataclass(frozen=True, slots=True)
class DrawingFigures:
    """Times of one frame.

    Attributes:
        compiled: of the compiled character, every value new.
        still_face: of the compiled character, only head and body turning.
        still_body: of the compiled character, only the face moving.
        same_pose: of the compiled character, the same pose again.
        warp: of moving the pixels of a 512×512 RGBA picture through a ready map and nothing else: the floor.
        others: of other ways to draw, by the names of ``contenders``, every value new.
        ratios: how many times longer than a compiled frame each of the others takes, and the plain warp (medians).
    """

    compiled: Timing
    still_face: Timing
    still_body: Timing
    same_pose: Timing
    warp: Timing
    others: dict[str, Timing]
    ratios: dict[str, float]


def random_poses(count: int) -> list[Pose]:
    """Poses in which all 45 parameters differ from one to the next, so that nothing is drawn from a cache."""
    values = np.random.default_rng(SEED).uniform(LOW, HIGH, (count, POSE_SIZE))
    return list(values.astype(np.float32))


def time_drawing(character: Character, student_folder: Path | None = None) -> DrawingFigures:
    """Time all by turns, so that whatever else the machine is doing falls on all.

    Args:
        character: drawn at its default frame size.
        student_folder: of a THA4 student to compare with.

    Raises:
        WeightsError, PictureError: the teacher or the student cannot be loaded.
    """
    draw = character.morpher().render
    plain = plain_warp()
    others = load_contenders(character, student_folder)
    poses = random_poses(1 + ROUNDS * POSES_PER_ROUND)
    watches = {name: Stopwatch() for name in (MORPHER, STILL_FACE, STILL_BODY, SAME_POSE, PLAIN_WARP, *others)}
    for warm_up in (draw, plain, *others.values()):
        warm_up(poses[0])
    for first in range(1, len(poses), POSES_PER_ROUND):
        some = poses[first : first + POSES_PER_ROUND]
        for pose in some:
            watches[MORPHER].time(partial(draw, pose))
            watches[PLAIN_WARP].time(partial(plain, pose))
            watches[SAME_POSE].time(partial(draw, pose))
        for name, still in ((STILL_FACE, slice(ROTATION.start)), (STILL_BODY, ROTATION)):
            _time_partly_still(draw, some, still, watches[name])
        for name, other in others.items():
            watches[name].time(partial(other, some[0]))
    timings = {name: watch.timing() for name, watch in watches.items()}
    return DrawingFigures(
        timings[MORPHER],
        timings[STILL_FACE],
        timings[STILL_BODY],
        timings[SAME_POSE],
        timings[PLAIN_WARP],
        {name: timings[name] for name in others},
        {name: round(timings[name].median_ms / timings[MORPHER].median_ms, 2) for name in (PLAIN_WARP, *others)},
    )


def plain_warp() -> Draw:
    """Moves the pixels of a 512×512 RGBA picture through a ready map; the pose is ignored."""
    rng = np.random.default_rng(SEED)
    picture = rng.integers(0, 256, (SIZE_PX, SIZE_PX, 4)).astype(np.uint8)
    coarse = rng.uniform(-FLOW_PX, FLOW_PX, (2, 8, 8)).astype(np.float32)
    still = np.mgrid[:SIZE_PX, :SIZE_PX][::-1].astype(np.float32)
    columns, rows = (cv2.resize(plane, (SIZE_PX, SIZE_PX)) + at for plane, at in zip(coarse, still, strict=True))

    def warp(_pose: Pose) -> object:
        return cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    return warp


def _time_partly_still(draw: Draw, poses: list[Pose], still: slice, watch: Stopwatch) -> None:
    draw(poses[0])
    for pose in poses[1:]:
        partly = pose.copy()
        partly[still] = poses[0][still]
        watch.time(partial(draw, partly))
