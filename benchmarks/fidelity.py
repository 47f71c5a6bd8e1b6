"""How near do compiled characters come to their teacher?

    python -m benchmarks.fidelity [CHARACTER ...] [--poses 24] [--parts] [--teacher DIR] [--cache DIR]
        [--sheets DIR] [--json]

Compiled characters, by name or folder (the built-in ones when none is given), against THA3 in poses that the compiler
has not seen. All 45 parameters move together; half of the poses are what an avatar does, half are anything at all
(``benchmarks/poses.py`` says exactly which); every emotion in the middle of a blink is looked at besides. Pictures are
compared in the teacher's box as premultiplied sRGB RGBA, whole and within the face crop. The flow error is the mean
distance between the two warps, in px on the character; ghosts are the mean alpha, in levels of 255, outside the
teacher's outline grown by 4 px.

``--parts`` says what limits: the teacher's own face under the compiled warp, the compiled face under the teacher's own
warp, and the teacher's face under its own warp, without what it paints afterwards, which no warp can exceed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import sheets
from benchmarks.drawing import Drawing, warp
from benchmarks.likeness import ghosts, psnr_db, ssim
from benchmarks.poses import KINDS, SEARCHED
from benchmarks.truth import TeacherFrames, TruthTeller
from kuchipaku.bench.machine import this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.paths import bundled_folder
from kuchipaku_tha.character import Character, load_character
from kuchipaku_tha.morpher import PremultipliedRgba
from kuchipaku_tha.pose import PARAMETERS, Pose, neutral_pose
from kuchipaku_tha.teacher import FACE_REGION

SHOWN = 10
"""Columns of a contact sheet."""
WORST = 3
"""Frames of each kind that are kept as the worst."""
ON_CHARACTER = 128
"""Alpha of the teacher's picture from which on its warp is compared."""
NAMED = 0.05
"""Least amount of a pose value that is named with a worst frame."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near one frame, or the mean of several, comes.

    Attributes:
        psnr_db: of the picture.
        ssim: of the picture.
        face_psnr_db: of the face crop.
        face_ssim: of the face crop.
        flow_error_px: of the warp, on the character.
        ghosts: mean alpha outside the outline, 0 to 255.
    """

    psnr_db: float
    ssim: float
    face_psnr_db: float
    face_ssim: float
    flow_error_px: float
    ghosts: float


@dataclass(frozen=True, slots=True)
class Frame:
    """One judged frame.

    Attributes:
        kind: of pose, one of ``poses.SEARCHED``.
        pose: the pose.
        drawn: by the compiled character, uint8 (512, 512, 4).
        truth: by its teacher.
        likeness: how near they are.
    """

    kind: str
    pose: Pose
    drawn: PremultipliedRgba
    truth: PremultipliedRgba
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Part:
    """Mean likeness, in dB, when the teacher does a part of the work.

    Attributes:
        what: who does what.
        psnr_db: of the picture.
        face_psnr_db: of the face crop.
    """

    what: str
    psnr_db: float
    face_psnr_db: float


@dataclass(frozen=True)
class Verdict:
    """One character.

    Attributes:
        character: its name.
        frames: all frames that were judged.
        neutral_db: PSNR of the neutral pose against the source picture.
    """

    character: str
    frames: tuple[Frame, ...]
    neutral_db: float

    def mean(self, kind: str | None = None) -> Likeness:
        """Mean over the frames of one kind, or of all ``poses.KINDS``."""
        kinds = KINDS if kind is None else (kind,)
        return mean([frame.likeness for frame in self.frames if frame.kind in kinds])

    def worst(self) -> list[Frame]:
        """Of each kind, the frames whose faces are farthest from the teacher's, the worst first."""
        ranked = sorted(self.frames, key=lambda frame: frame.likeness.face_psnr_db)
        return [frame for kind in SEARCHED for frame in [frame for frame in ranked if frame.kind == kind][:WORST]]


def judge(character: Character, truth: TeacherFrames, kind: str) -> list[Frame]:
    """Draw what the teacher drew, and compare.

    Args:
        character: whose picture the teacher was given.
        truth: what it drew.
        kind: of poses, for the record.
    """
    drawing = Drawing(character)
    judged = []
    for pose, image, flow in zip(truth.poses, truth.images, truth.flows, strict=True):
        drawn = drawing.picture(pose)
        face, true_face = drawn[FACE_REGION], image[FACE_REGION]
        figures = (
            psnr_db(drawn, image),
            ssim(drawn, image),
            psnr_db(face, true_face),
            ssim(face, true_face),
            float(np.linalg.norm(drawing.flow(pose) - flow, axis=-1)[image[..., 3] >= ON_CHARACTER].mean()),
            ghosts(drawn, image),
        )
        judged.append(Frame(kind, pose, drawn, image, Likeness(*figures)))
    return judged


def judge_parts(character: Character, truth: TeacherFrames) -> list[Part]:
    """Let the teacher do the face, the warp, or both."""
    drawing = Drawing(character)
    rows: dict[str, list[tuple[float, float]]] = {}
    for pose, image, face, flow in zip(truth.poses, truth.images, truth.faces, truth.flows, strict=True):
        true_face = drawing.source.copy()
        true_face[FACE_REGION] = face
        compiled_flow = drawing.flow(pose)
        made = {
            "all compiled": drawing.picture(pose),
            "teacher's face, compiled warp": warp(true_face, compiled_flow),
            "compiled face, teacher's warp": warp(drawing.face_alone(pose), flow),
            "teacher's face and warp": warp(true_face, flow),
        }
        for what, drawn in made.items():
            row = psnr_db(drawn, image), psnr_db(drawn[FACE_REGION], image[FACE_REGION])
            rows.setdefault(what, []).append(row)
    return [Part(what, *(round(float(db), 2) for db in np.mean(row, axis=0))) for what, row in rows.items()]


def judge_character(character: Character, teller: TruthTeller, poses: int) -> Verdict:
    """Judge in as many live as wide poses, and in blinks."""
    frames: list[Frame] = []
    for kind, draw in SEARCHED.items():
        truth = teller.frames(character, draw(poses // len(KINDS)), f"{character.name}, {kind}")
        frames += judge(character, truth, kind)
    neutral = character.morpher().render(neutral_pose())
    return Verdict(character.name, tuple(frames), round(psnr_db(neutral, character.box), 1))


def mean(likenesses: Sequence[Likeness]) -> Likeness:
    """Mean of every figure, rounded."""
    return Likeness(*(round(float(figure), 3) for figure in np.mean([astuple(one) for one in likenesses], axis=0)))


def named_values(pose: Pose) -> dict[str, float]:
    """The pose's values that are not nearly 0, by name."""
    return {
        parameter.name: round(float(pose[parameter.index]), 2)
        for parameter in PARAMETERS
        if abs(pose[parameter.index]) >= NAMED
    }


def save_sheets(verdict: Verdict, folder: Path, suffix: str = "webp") -> None:
    """Write a contact sheet for each kind of pose and one of the worst frames."""
    for kind in KINDS:
        shown = [(frame.drawn, frame.truth) for frame in verdict.frames if frame.kind == kind][:SHOWN]
        sheets.save(sheets.comparison(shown), folder / f"{verdict.character}-{kind}.{suffix}")
    worst = [(frame.drawn, frame.truth) for frame in verdict.worst()]
    sheets.save(sheets.comparison(worst, sheets.FACE), folder / f"{verdict.character}-worst.{suffix}")


def find(name: str, library: CharacterLibrary) -> Character:
    """A character by its folder or its name."""
    return load_character(Path(name)) if Path(name).is_dir() else library.load(name)


def built_in_names() -> list[str]:
    """The characters that come with kuchipaku."""
    return CharacterLibrary([bundled_folder("characters")]).names()


def as_record(verdict: Verdict) -> dict[str, object]:
    """For JSON."""
    return {
        "character": verdict.character,
        "neutral_db": verdict.neutral_db,
        **{kind: asdict(verdict.mean(kind)) for kind in SEARCHED},
        "mean": asdict(verdict.mean()),
        "worst": worst_records(verdict),
    }


def worst_records(verdict: Verdict) -> list[dict[str, object]]:
    """The worst frames with their poses, for JSON."""
    return [
        {"kind": frame.kind, **asdict(frame.likeness), "pose": named_values(frame.pose)} for frame in verdict.worst()
    ]


def main() -> None:
    """Judge every character and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("characters", nargs="*")
    parser.add_argument("--poses", type=int, default=24, help="per character, half of them live")
    parser.add_argument("--parts", action="store_true", help="say which part limits")
    parser.add_argument("--cache", type=Path, help="keep what the teacher drew in this folder (3.3 MB a frame)")
    parser.add_argument("--teacher", type=Path, help="folder of other weights, or of a THA4 student")
    parser.add_argument("--sheets", type=Path, help="write contact sheets to this folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    library, teller = CharacterLibrary(), TruthTeller(arguments.cache, arguments.teacher)
    verdicts, parts = [], {}
    for character in (find(name, library) for name in arguments.characters or built_in_names()):
        verdicts.append(judge_character(character, teller, arguments.poses))
        if arguments.sheets:
            save_sheets(verdicts[-1], arguments.sheets)
        if arguments.parts:
            for kind, draw in KINDS.items():
                truth = teller.frames(character, draw(arguments.poses // len(KINDS)), f"{kind}, in parts")
                parts[f"{character.name}, {kind}"] = judge_parts(character, truth)
    show(verdicts, parts)
    if arguments.json:
        records = [as_record(verdict) for verdict in verdicts]
        rows = {name: [asdict(part) for part in row] for name, row in parts.items()}
        document = {"machine": asdict(this_machine()), "poses": arguments.poses, "fidelity": records, "parts": rows}
        print(json.dumps(document))


def show(verdicts: Sequence[Verdict], parts: dict[str, list[Part]]) -> None:
    """Print the tables."""
    table = Table("", "poses", *(field.name for field in fields(Likeness)), "neutral_db")
    for verdict in verdicts:
        for kind in (None, *SEARCHED):
            figures = [f"{figure:.3f}" for figure in astuple(verdict.mean(kind))]
            table.add_row(verdict.character, kind or "live and wide", *figures, f"{verdict.neutral_db:.1f}")
    if len(verdicts) > 1:
        overall = mean([verdict.mean() for verdict in verdicts])
        table.add_row("mean of all", "live and wide", *(f"{figure:.3f}" for figure in astuple(overall)), "")
    console = Console(width=120)
    console.print(table)
    for name, rows in parts.items():
        table = Table(name, "psnr_db", "face_psnr_db")
        for part in rows:
            table.add_row(*(str(value) for value in astuple(part)))
        console.print(table)


if __name__ == "__main__":
    main()
