"""Do compiled faces speak, blink, look about and combine as their teacher's do? Measured on drawn pixels.

    python -m benchmarks.faces [CHARACTER ...] [--cache DIR] [--all] [--json]

Every mouth morph and every viseme is opened in ten steps: the opening's area and width must rise (``features.Mouth``).
Speech by the animator must shut the lips for every m, b and p, in frames of 30 a second wherever they fall. Shut lids
must cover as much of the eyeball as the teacher's, one eye must not move the other, and irises must follow the gaze.
Blinks, smiles and turns together must not tear at the rim of what is drawn anew. Prints what fails, or ``--all``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.drawing import Drawing, warp
from benchmarks.features import Eye, FeatureNotFoundError, Mouth, edges, greatest_drop, greatest_reversal, grow, rim
from benchmarks.fidelity import built_in_names, find
from benchmarks.truth import TruthTeller
from kuchipaku.animator import Animator
from kuchipaku.bench.machine import this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.timeline import Timeline
from kuchipaku.types import EmotionCue, Viseme, VisemeCue
from kuchipaku.visemes import MORPH_INDICES, MORPHS, SHAPES
from kuchipaku_tha.character import Character
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import INDEX, PARAMETERS, ROTATION, Pose, neutral_pose, pose_from
from kuchipaku_tha.teacher import FACE_REGION

STEPS = np.linspace(0.1, 1.0, 10)
GAZES = np.linspace(-1.0, 1.0, 9)
SIDES = {"left": slice(96, 192), "right": slice(0, 96)}
"""The character's own sides: columns of the face crop."""
LIDS = ("wink", "happy_wink", "relaxed")
FPS = 30
SYLLABLE_S = 0.22
CLOSED_PART = 0.3
"""Of a syllable: its m, b or p."""
SYLLABLES = 8

AREA_DROP = 0.05
"""Part of its greatest area by which an opening may shrink on its way, or as much as the teacher's does."""
WIDTH_DROP_PX = 1.0
"""By which it may become narrower, beyond what the teacher's does: round mouths do."""
OPENS = 0.85
"""Least part of the teacher's opening that the compiled one reaches."""
CLOSED = 0.03
"""Greatest part of an open mouth's area that shut lips may show."""
LID_LOSS = 0.01
"""By which lids may cover less of the eyeball than the teacher's: coverage is measured on some 400 pixels."""
OTHER_EYE_LEVELS = 2.0
"""By which an eye may change more than the teacher's, in the mean, while the other one moves: a tenth of a px."""
GAZE_PART = 0.85
GAZE_PX = 0.75
GAZE_BACK_PX = 0.1
"""Least part of the teacher's reach for an iris, how far it may be from the teacher's, and how far it may go back."""
TEAR_LEVELS = 1.0
"""By which edges along the rim may exceed those beside it, more than the teacher's do."""
BESIDE_PX = 5
COVERED = 127

Faces = NDArray[np.uint8]
"""Face crops, premultiplied sRGB, uint8 (poses, 192, 192, 4)."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        character: whose.
        what: is measured, with its unit.
        compiled: the compiled character's figure.
        teacher: the teacher's.
        passed: whether the compiled character does well enough; None if that cannot be said.
    """

    character: str
    what: str
    compiled: float
    teacher: float
    passed: bool | None


class Stage:
    """Draws faces of one character with both."""

    def __init__(self, character: Character, teller: TruthTeller) -> None:
        self.name = character.name
        self.character = character
        self.teller = teller
        self.drawing = Drawing(character)

    def faces(self, poses: Sequence[Pose], label: str) -> tuple[Faces, Faces]:
        """Compiled faces and the teacher's, neither turned nor breathing."""
        drawn = np.stack([self.drawing.face_alone(pose)[FACE_REGION] for pose in poses])
        return drawn, self.teller.faces(self.character, poses, f"{self.name}, {label}")

    def check(self, what: str, figures: tuple[float, float], passed: bool) -> Check:
        """Note a check: the compiled character's figure and the teacher's."""
        compiled, teacher = (round(float(figure), 3) for figure in figures)
        return Check(self.name, what, compiled, teacher, bool(passed))


def check_mouth(stage: Stage) -> Iterator[Check]:
    """Every morph and every viseme opens steadily and far enough; m, b and p shut the lips."""
    opened = [morph_pose(MORPHS.index(morph), 1.0) for morph in MORPHS]
    _drawn, truth = stage.faces([neutral_pose(), *opened], "mouth")
    try:
        mouth = Mouth(truth[0], list(truth[1:]))
    except FeatureNotFoundError as missing:
        yield Check(stage.name, f"mouth: {missing}", 0.0, 0.0, None)
        return
    for index, morph in enumerate(MORPHS):
        yield from _check_opening(stage, mouth, f"mouth_{morph}", [morph_pose(index, step) for step in STEPS])
    for viseme, shape in SHAPES.items():
        if shape.closure < 1 and shape.morphs.any():
            poses = [viseme_pose(viseme, step) for step in STEPS]
            yield from _check_opening(stage, mouth, f"viseme {viseme}", poses)
    yield from _check_closures(stage, mouth)


def _check_opening(stage: Stage, mouth: Mouth, name: str, poses: list[Pose]) -> Iterator[Check]:
    drawn, truth = stage.faces(poses, name)
    (areas, widths), (true_areas, true_widths) = (
        zip(*((opening.area_px, opening.width_px) for opening in map(mouth.opening, faces)), strict=True)
        for faces in (drawn, truth)
    )
    drop, true_drop = (greatest_drop(values) / max(*values, 1.0) for values in (areas, true_areas))
    yield stage.check(f"{name}: area shrinks, part", (drop, true_drop), drop <= max(AREA_DROP, true_drop))
    drop, true_drop = greatest_drop(widths), greatest_drop(true_widths)
    yield stage.check(f"{name}: width shrinks, px", (drop, true_drop), drop <= WIDTH_DROP_PX + true_drop)
    reached, true_area = areas[-1], true_areas[-1]
    yield stage.check(f"{name}: area, px", (reached, true_area), reached >= OPENS * true_area - 1)


def _check_closures(stage: Stage, mouth: Mouth) -> Iterator[Check]:
    for viseme_of, emotion in (("mama, baba, papa", None), ("the same, joyful", "joy")):
        poses, closures = syllables(emotion)
        drawn = [mouth.opening(stage.drawing.face_alone(pose)[FACE_REGION]).area_px for pose in poses]
        shut = [min(closure, key=drawn.__getitem__) for closure in closures]
        truth = stage.teller.faces(stage.character, [poses[index] for index in shut], f"{stage.name}, {viseme_of}")
        widest = max(drawn)
        compiled = max(drawn[index] for index in shut) / widest
        teacher = max(mouth.opening(face).area_px for face in truth) / widest
        what = f"{viseme_of}: shut lips' opening, part of the widest"
        yield stage.check(what, (compiled, teacher), compiled <= max(CLOSED, teacher))


def syllables(emotion: str | None) -> tuple[list[Pose], list[list[int]]]:
    """Quick "mama, baba, papa" by the animator: its poses, and for each closure the frames that can show it."""
    timeline = Timeline()
    if emotion:
        timeline.emotions.add(EmotionCue(0.0, emotion, 1.0))
    closures = []
    for index in range(SYLLABLES):
        start_s = 1.0 + index * SYLLABLE_S
        opens_s, end_s = start_s + CLOSED_PART * SYLLABLE_S, start_s + SYLLABLE_S
        timeline.visemes.add(VisemeCue(start_s, opens_s, Viseme.PP))
        timeline.visemes.add(VisemeCue(opens_s, end_s, Viseme.AA))
        closures.append([frame for frame in range(int(end_s * FPS)) if abs(frame / FPS - start_s) < SYLLABLE_S / 2])
    animator = Animator(timeline, 1)
    return [animator.pose_at(frame / FPS) for frame in range(int((1 + SYLLABLES * SYLLABLE_S) * FPS))], closures


def check_eyes(stage: Stage) -> Iterator[Check]:
    """Lids shut and irises turn as the teacher's, each eye by itself."""
    glances = [pose_from({f"iris_rotation_{axis}": value}) for axis in "xy" for value in GAZES]
    drawn, truth = stage.faces([neutral_pose(), *glances], "gaze")
    for side, columns in SIDES.items():
        shut, true_shut = stage.faces([pose_from({f"eye_{lid}_{side}": 1.0}) for lid in LIDS], f"{side} eye shut")
        try:
            eyes = [Eye(truth[0], list(truth[1:]), face, columns) for face in true_shut]
        except FeatureNotFoundError as missing:
            yield Check(stage.name, f"{side} eye: {missing}", 0.0, 0.0, None)
            continue
        for lid, eye, face, true_face in zip(LIDS, eyes, shut, true_shut, strict=True):
            covered, true_covered = eye.coverage(face), eye.coverage(true_face)
            what = f"eye_{lid}_{side}: part of the eyeball covered"
            yield stage.check(what, (covered, true_covered), covered >= true_covered - LID_LOSS)
            yield _check_closing(stage, eye, f"eye_{lid}_{side}")
        yield from _check_gaze(stage, eyes[0], side, drawn[1:], truth[1:])
        yield _check_other_eye(stage, eyes[0], side, drawn[0], truth[0])


def _check_gaze(stage: Stage, eye: Eye, side: str, drawn: Faces, truth: Faces) -> Iterator[Check]:
    axes = {"x": slice(0, len(GAZES)), "y": slice(len(GAZES), None)}
    for (axis, chosen), across in zip(axes.items(), (1, 0), strict=True):
        places, true_places = ([eye.gaze_px(face)[across] for face in faces[chosen]] for faces in (drawn, truth))
        reach, true_reach = abs(places[-1] - places[0]), abs(true_places[-1] - true_places[0])
        name = f"iris_rotation_{axis}, {side} eye"
        yield stage.check(f"{name}: reach, px", (reach, true_reach), reach >= GAZE_PART * true_reach)
        off = float(np.abs(np.subtract(places, true_places)).max())
        back, true_back = greatest_reversal(places), greatest_reversal(true_places)
        yield stage.check(
            f"{name}: away from the teacher's, px", (off, 0.0), off <= GAZE_PX and back <= 0.1 + true_back
        )


def _check_closing(stage: Stage, eye: Eye, name: str) -> Check:
    poses = [pose_from({name: step}) for step in STEPS]
    drop, true_drop = (greatest_drop([eye.coverage(face) for face in faces]) for faces in stage.faces(poses, name))
    return stage.check(f"{name}: coverage falls", (drop, true_drop), drop <= LID_LOSS + true_drop)


def _check_other_eye(stage: Stage, eye: Eye, side: str, rest: PremultipliedRgba, true_rest: PremultipliedRgba) -> Check:
    other = next(name for name in SIDES if name != side)
    names = [parameter.name for parameter in PARAMETERS if parameter.group == "eye" and parameter.name.endswith(other)]
    drawn, truth = stage.faces([pose_from({name: 1.0}) for name in names], f"{other} eye alone")
    change, true_change = (
        float(np.abs(faces[:, eye.ball].astype(int) - still[eye.ball]).mean())
        for faces, still in ((drawn, rest), (truth, true_rest))
    )
    what = f"{side} eye while the {other} one moves: change, levels"
    return stage.check(what, (change, true_change), change <= true_change + OTHER_EYE_LEVELS)


def check_rims(stage: Stage) -> Iterator[Check]:
    """What is drawn anew joins the rest of the face, upright and turned: as the teacher's face under the same warp."""
    area = redrawn_area(stage)
    poses = combined_poses()
    true_face = stage.drawing.source.copy()
    for pose, face in zip(poses, stage.teller.faces(stage.character, poses, f"{stage.name}, combined"), strict=True):
        flow = stage.drawing.flow(pose)
        true_face[FACE_REGION] = face
        along = rim(warp(area, flow)[..., 0] > COVERED)
        beside = grow(along, BESIDE_PX) & ~grow(along, 1)
        jump, true_jump = (
            float(steep[along].mean() - steep[beside].mean())
            for steep in (edges(stage.drawing.picture(pose)), edges(warp(true_face, flow)))
        )
        turn = "turned" if pose[ROTATION].any() else "upright"
        shut = "shut" if pose[INDEX["eye_wink_left"]] == 1 else "half shut"
        name = f"smile, eyes {shut}, {turn}: edges along the rim less those beside it, levels"
        yield stage.check(name, (jump, true_jump), jump <= true_jump + TEAR_LEVELS)


def combined_poses() -> list[Pose]:
    """Blinks while smiling, upright and turned."""
    smile = {"mouth_aaa": 0.5, "mouth_raised_corner_left": 1.0, "mouth_raised_corner_right": 1.0}
    smile |= {"eyebrow_happy_left": 0.8, "eyebrow_happy_right": 0.8, "iris_rotation_y": 0.4}
    turns: tuple[dict[str, float], ...] = (
        {},
        {"head_y": 0.8, "neck_z": 0.5},
        {"head_y": -0.8, "head_x": -0.5, "breathing": 1.0},
    )
    return [
        pose_from(smile | turn | {"eye_wink_left": shut, "eye_wink_right": shut})
        for turn in turns
        for shut in (0.5, 1.0)
    ]


def redrawn_area(stage: Stage) -> PremultipliedRgba:
    """All pixels that any face value changes, as 255 in a picture of the teacher's box."""
    changed = np.zeros(stage.drawing.source.shape[:2], np.bool_)
    for parameter in PARAMETERS[: ROTATION.start]:
        for value in {parameter.low, parameter.high} - {0.0}:
            changed |= (stage.drawing.picture(pose_from({parameter.name: value})) != stage.drawing.source).any(axis=-1)
    return np.repeat(changed[..., None], 4, axis=-1).astype(np.uint8) * np.uint8(255)


def morph_pose(morph: int, value: float) -> Pose:
    """One mouth morph alone."""
    pose = neutral_pose()
    pose[MORPH_INDICES[morph]] = value
    return pose


def viseme_pose(viseme: Viseme, strength: float) -> Pose:
    """A viseme held alone, its lips as near as it wants them."""
    shape, pose = SHAPES[viseme], neutral_pose()
    pose[MORPH_INDICES] = shape.morphs * strength * (1 - shape.closure)
    return pose


def check_face(character: Character, teller: TruthTeller) -> list[Check]:
    """Everything about one character."""
    stage = Stage(character, teller)
    return [*check_mouth(stage), *check_eyes(stage), *check_rims(stage)]


def main() -> None:
    """Check every character and print what fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("characters", nargs="*")
    parser.add_argument("--cache", type=Path, help="keep what the teacher drew in this folder")
    parser.add_argument("--all", action="store_true", help="print what passes too")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    library, teller = CharacterLibrary(), TruthTeller(arguments.cache)
    names = arguments.characters or built_in_names()
    checks = [check for name in names for check in check_face(find(name, library), teller)]
    show(checks, everything=arguments.all)
    if arguments.json:
        print(json.dumps({"machine": asdict(this_machine()), "checks": [asdict(check) for check in checks]}))


def show(checks: Sequence[Check], *, everything: bool) -> None:
    """Print a table, and how many pass."""
    table = Table("character", "what", "compiled", "teacher", "")
    for check in checks:
        if everything or not check.passed:
            verdict = {True: "passes", False: "FAILS", None: "not measured"}[check.passed]
            table.add_row(check.character, check.what, f"{check.compiled:.3f}", f"{check.teacher:.3f}", verdict)
    console = Console(width=120)
    if table.row_count:
        console.print(table)
    measured = [check for check in checks if check.passed is not None]
    console.print(f"{sum(bool(check.passed) for check in measured)} of {len(measured)} checks pass")


if __name__ == "__main__":
    main()
