"""How near do compiled characters come to their teacher?

    python -m benchmarks.fidelity [CHARACTER ...] [--poses 40] [--sheet FILE.png] [--json]

Compiled characters, by name or folder (the built-in ones when none is given), against THA3 in poses that the compiler
has not seen. Half of them are live: moments of the animator while the character speaks and shows emotions. The other
half is wide: face values as the compiler draws them, with rotations and breathing uniform over their whole range.
PSNR and SSIM are over premultiplied sRGB RGBA, of the whole picture and of the face crop; the flow error is of turns
alone, in px on the character; ghosts are the mean alpha, in levels of 255, outside the teacher's outline grown by 4 px.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from kuchipaku.alpha import composite
from kuchipaku.animator import Animator
from kuchipaku.bench.machine import this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.emotions import EMOTIONS
from kuchipaku.paths import bundled_folder
from kuchipaku.timeline import Timeline
from kuchipaku.types import EmotionCue, Viseme, VisemeCue
from kuchipaku_tha.character import Character, load_character
from kuchipaku_tha.colour import linear_image_to_srgb
from kuchipaku_tha.compiled import CompiledMorpher
from kuchipaku_tha.flow import FLOW_SIZE_PX, coarse_flow
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.picture import premultiply
from kuchipaku_tha.pose import HIGH, LOW, ROTATION, Pose, neutral_pose
from kuchipaku_tha.sampling import face_poses
from kuchipaku_tha.teacher import FACE_REGION, Teacher

SEED = 20
LIVE_STEP_S = 2.7
SHEET_POSES = 10
SHEET_GREY = (150, 160, 170)
OUTLINE_GROWTH_PX = 4


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Means over the poses of one kind.

    Attributes:
        character: its name.
        poses: which kind.
        psnr_db: of the picture.
        ssim: of the picture.
        face_psnr_db: of the face crop.
        face_ssim: of the face crop.
        flow_error_px: of the warp, on the character.
        ghosts: mean alpha outside the outline, 0 to 255.
    """

    character: str
    poses: str
    psnr_db: float
    ssim: float
    face_psnr_db: float
    face_ssim: float
    flow_error_px: float
    ghosts: float


def live_poses(count: int) -> list[Pose]:
    """Moments of an avatar that never stops talking and feels something else every few seconds."""
    rng = np.random.default_rng(SEED)
    timeline = Timeline()
    end_s = (count + 1) * LIVE_STEP_S
    visemes = list(Viseme)
    starts_s = np.cumsum(rng.uniform(0.06, 0.18, int(end_s / 0.06)))
    for start_s, next_s in itertools.pairwise(starts_s):
        if start_s < end_s:
            timeline.visemes.add(VisemeCue(start_s, next_s, visemes[rng.integers(len(visemes))]))
    for start_s in np.arange(0, end_s, 4.0):
        timeline.emotions.add(EmotionCue(float(start_s), str(rng.choice(EMOTIONS)), float(rng.uniform(0.4, 1.0))))
    animator = Animator(timeline, SEED)
    return [animator.pose_at((index + 1) * LIVE_STEP_S) for index in range(count)]


def wide_poses(count: int) -> list[Pose]:
    """Every value anywhere in its range."""
    rng = np.random.default_rng(SEED)
    poses = face_poses(count, rng)
    poses[:, ROTATION] = rng.uniform(LOW[ROTATION], HIGH[ROTATION], (count, ROTATION.stop - ROTATION.start))
    return list(poses)


def psnr_db(drawn: PremultipliedRgba, truth: PremultipliedRgba) -> float:
    """Peak signal-to-noise ratio over all four channels."""
    return float(10 * np.log10(255**2 / np.mean(np.square(drawn.astype(float) - truth))))


def ssim(drawn: PremultipliedRgba, truth: PremultipliedRgba) -> float:
    """Structural similarity (Wang et al., 2004) with their Gaussian of 1.5 px, mean over pixels and channels."""
    a, b = drawn.astype(np.float32), truth.astype(np.float32)

    def blur(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float32)

    mean_a, mean_b = blur(a), blur(b)
    variance_a, variance_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + 6.5025) / (mean_a**2 + mean_b**2 + 6.5025)
    structure = (2 * covariance + 58.5225) / (variance_a + variance_b + 58.5225)
    return float(np.mean(luminance * structure))


def ghosts(drawn: PremultipliedRgba, truth: PremultipliedRgba) -> float:
    """Mean alpha where the teacher's character is not even near."""
    side = 2 * OUTLINE_GROWTH_PX + 1
    outside = cv2.dilate((truth[..., 3] > 8).astype(np.uint8), np.ones((side, side), np.uint8)) == 0
    return float(drawn[..., 3][outside].mean())


class Contest:
    """One character's teacher and morpher, side by side."""

    def __init__(self, character: Character, teacher: Teacher) -> None:
        self.character = character
        self._teacher = teacher
        self._morpher = CompiledMorpher(character.picture, character.data)
        teacher.set_picture(character.teacher_picture())

    def draw(self, pose: Pose) -> tuple[PremultipliedRgba, PremultipliedRgba]:
        """The compiled character's picture and the teacher's."""
        return self._morpher.render(pose), premultiply(linear_image_to_srgb(self._teacher.pose(pose).image))

    def flow_error_px(self, pose: Pose) -> float:
        """Mean distance between the two warps, on the character."""
        turn = neutral_pose()
        turn[ROTATION] = pose[ROTATION]
        result = self._teacher.pose(turn)
        coverage = cv2.resize((result.image[3] + 1) / 2, (FLOW_SIZE_PX, FLOW_SIZE_PX), interpolation=cv2.INTER_AREA)
        data = self.character.data
        difference = data.flow(turn) + data.flow_rest - coarse_flow(result)
        return float(np.linalg.norm(difference, axis=-1)[coverage > 0.5].mean())

    def judge(self, kind: str, poses: list[Pose]) -> tuple[Fidelity, list[NDArray[np.uint8]]]:
        """The figures, and the first pictures for a contact sheet."""
        rows: list[tuple[float, ...]] = []
        columns: list[NDArray[np.uint8]] = []
        for pose in track(poses, f"{self.character.name}, {kind}"):
            drawn, truth = self.draw(pose)
            face, face_truth = drawn[FACE_REGION], truth[FACE_REGION]
            rows.append(
                (
                    psnr_db(drawn, truth),
                    ssim(drawn, truth),
                    psnr_db(face, face_truth),
                    ssim(face, face_truth),
                    self.flow_error_px(pose),
                    ghosts(drawn, truth),
                )
            )
            if len(columns) < SHEET_POSES:
                columns.append(column(drawn, truth))
        means = (round(float(mean), 3) for mean in np.mean(rows, axis=0))
        return Fidelity(self.character.name, kind, *means), columns


def column(drawn: PremultipliedRgba, truth: PremultipliedRgba) -> NDArray[np.uint8]:
    """Teacher, compiled and four times their difference, one below the other, head and shoulders."""
    head = (slice(16, 336), slice(96, 416))
    difference = np.clip(np.abs(drawn[head].astype(int) - truth[head])[..., :3] * 4, 0, 255).astype(np.uint8)
    parts = [composite(truth[head], SHEET_GREY), composite(drawn[head], SHEET_GREY), difference]
    return np.asarray(cv2.resize(np.vstack(parts), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA), np.uint8)


def find(name: str, library: CharacterLibrary) -> Character:
    """A character by its folder or its name."""
    return load_character(Path(name)) if Path(name).is_dir() else library.load(name)


def main() -> None:
    """Judge every character and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("characters", nargs="*")
    parser.add_argument("--poses", type=int, default=40, help="per character, half of them live")
    parser.add_argument("--sheet", type=Path, help="where to write the pictures")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    library = CharacterLibrary()
    built_in = CharacterLibrary([bundled_folder("characters")]).names()
    teacher = Teacher.load()
    results, sheet = [], []
    for name in arguments.characters or built_in:
        contest = Contest(find(name, library), teacher)
        count = arguments.poses // 2
        for kind, poses in (("live", live_poses(count)), ("wide", wide_poses(count))):
            fidelity, columns = contest.judge(kind, poses)
            results.append(fidelity)
            sheet.append(np.hstack(columns))
    table = Table(*(field.name for field in fields(Fidelity)))
    for fidelity in results:
        table.add_row(*(str(value) for value in asdict(fidelity).values()))
    Console().print(table)
    if arguments.sheet:
        cv2.imwrite(str(arguments.sheet), np.vstack(sheet)[..., ::-1])
    if arguments.json:
        machine, rows = asdict(this_machine()), [asdict(fidelity) for fidelity in results]
        print(json.dumps({"machine": machine, "poses": arguments.poses, "fidelity": rows}))


if __name__ == "__main__":
    main()
