"""How well are heads found in pictures of other sizes, framings and company?

    python -m benchmarks.heads [PICTURE ...] [--json]

Every picture given, or else the built-in characters', must be framed the way the teacher wants it: that is the truth.
Each is then cut, scaled, padded, tilted, and given a hat, a pole, a table, wings or a disc behind it; the head is
looked for in each. Found means: placed by it, the size of the true head is within 0.7 and 1.4 of the teacher's, and its
middle within 20 px across and 25 px down. Pictures cut below the neck show what is taken for a head where there is
none.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from kuchipaku.paths import bundled_folder
from kuchipaku_tha.head import find_head
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.placement import IDENTITY, TEACHER_HEAD, Box, Placement, place_head, to_box
from kuchipaku_tha.resampling import resample
from kuchipaku_tha.teacher import Teacher

GREY = (120, 120, 130, 255)
SIZES = (0.7, 1.4)
OFFSETS_PX = (20.0, 25.0)


@dataclass(frozen=True)
class Framed:
    """A picture whose true placement is known."""

    picture: StraightRgba
    truth: Placement

    def cut(self, left: int, top: int, right: int, bottom: int) -> Framed:
        """A window of it; transparent where that reaches beyond."""
        part = resample(self.picture, (left, top, right, bottom), (right - left, bottom - top))
        scale = self.truth.scale
        return Framed(part, Placement(scale, self.truth.left_px + left * scale, self.truth.top_px + top * scale))

    def scaled(self, factor: float) -> Framed:
        """The same, larger or smaller."""
        height, width = self.picture.shape[:2]
        size = round(width * factor), round(height * factor)
        scaled = resample(self.picture, (0, 0, width, height), size)
        return Framed(scaled, Placement(self.truth.scale * width / size[0], self.truth.left_px, self.truth.top_px))

    def behind(self, ground: StraightRgba) -> Framed:
        """Before something else."""
        mixed = ground.copy()
        figure = self.picture[..., 3] > 127
        mixed[figure] = self.picture[figure]
        return Framed(mixed, self.truth)

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of what is opaque."""
        opaque = self.picture[..., 3] > 127
        rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@dataclass(frozen=True)
class Score:
    """How one way fared with one kind of picture."""

    kind: str
    pictures: int
    by_eyes: int
    outline_alone: int
    median_s: float


def framings(framed: Framed) -> Iterator[tuple[str, Framed]]:
    """Other sizes and framings of a picture, its content unchanged."""
    left, top, right, bottom = framed.bounds
    small = framed.scaled(0.6)
    small_left, small_top, small_right, small_bottom = small.bounds
    yield "as it is", framed
    yield "cut to the figure", framed.cut(left - 3, top - 3, right + 3, bottom)
    yield "bust", framed.cut(left - 10, top - 10, right + 10, round(TEACHER_HEAD.bottom_px + 90))
    yield "2.2 times as large", framed.scaled(2.2)
    yield "wide", small.cut(small_left - 500, small_top - 60, small_right + 120, small_bottom + 40)
    yield "tall", small.cut(small_left - 20, small_top - 250, small_right + 20, small_bottom + 300)
    yield "small in 1920×1080", framed.scaled(0.5).cut(-900, -500, 1020, 580)


def company(framed: Framed) -> Iterator[tuple[str, Framed]]:
    """The picture with something beside, behind or above the figure, and tilted."""
    for degrees in (12, 25):
        yield f"tilted by {degrees}°", _tilted(framed, degrees)
        yield f"tilted by {degrees}°", _tilted(framed, -degrees)
    wide = framed.cut(-150, -250, 662, 512)
    _, top, right, bottom = wide.bounds
    ground = np.zeros_like(wide.picture)
    pole, table, hat, disc, wings = (ground.copy() for _ in range(5))
    cv2.rectangle(pole, (right - 60, 30), (right - 40, 500), GREY, -1)
    cv2.rectangle(table, (20, bottom - 150), (640, bottom - 120), GREY, -1)
    cv2.fillPoly(hat, [np.array([[406, 60], [320, top + 30], [490, top + 30]])], GREY)
    cv2.circle(disc, (406, 450), 290, GREY, -1)
    for middle, turn in ((206, 40), (606, -40)):
        cv2.ellipse(wings, (middle, 400), (200, 110), turn, 0, 360, GREY, -1)
    yield "pole beside", wide.behind(pole)
    yield "table behind", wide.behind(table)
    yield "tall hat", wide.behind(hat)
    yield "disc behind", wide.behind(disc)
    yield "wings", wide.behind(wings)


def _tilted(framed: Framed, degrees: float) -> Framed:
    middle = TEACHER_HEAD.centre
    turn = cv2.getRotationMatrix2D((middle.x_px, middle.y_px), degrees, 1)
    weight = framed.picture[..., 3:].astype(np.float32) / 255
    turned = cv2.warpAffine(np.dstack((framed.picture[..., :3] * weight, weight * 255)), turn, (512, 512))
    straight = turned[..., :3] / np.maximum(turned[..., 3:] / 255, 1e-3)
    return Framed(np.clip(np.dstack((straight, turned[..., 3])), 0, 255).astype(np.uint8), framed.truth)


def is_found(head: Box, truth: Placement) -> bool:
    """Whether a picture placed by a head has the true head where the teacher looks for it."""
    placed = place_head(head).area_to_box(truth.head)
    size = placed.height_px / TEACHER_HEAD.height_px
    across = abs(placed.centre.x_px - TEACHER_HEAD.centre.x_px)
    down = abs(placed.centre.y_px - TEACHER_HEAD.centre.y_px)
    return SIZES[0] < size < SIZES[1] and across <= OFFSETS_PX[0] and down <= OFFSETS_PX[1]


def measure(pictures: list[Framed], teacher: Teacher) -> list[Score]:
    """One score for each kind of picture."""
    kinds: dict[str, list[tuple[bool, bool, float]]] = {}
    for framed in pictures:
        for kind, changed in (*framings(framed), *company(framed)):
            begin_s = time.perf_counter()
            found = find_head(changed.picture, teacher)
            taken_s = time.perf_counter() - begin_s
            outline = is_found(find_head(changed.picture, None).box, changed.truth)
            kinds.setdefault(kind, []).append((is_found(found.box, changed.truth), outline, taken_s))
    return [
        Score(
            kind,
            len(results),
            sum(by_eyes for by_eyes, _, _ in results),
            sum(outline for _, outline, _ in results),
            statistics.median(taken_s for _, _, taken_s in results),
        )
        for kind, results in kinds.items()
    ]


def false_heads(pictures: list[Framed], teacher: Teacher) -> int:
    """In how many of the pictures eyes are seen although everything down to the chin was cut away."""
    cut = (framed.picture[round(TEACHER_HEAD.bottom_px) + 20 :] for framed in pictures)
    return sum(find_head(np.ascontiguousarray(headless), teacher).how == "eyes" for headless in cut)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    paths = options.pictures or sorted(bundled_folder("characters").glob("*/picture.png"))
    pictures = [Framed(to_box(load_picture(path), IDENTITY), IDENTITY) for path in paths]
    teacher = Teacher.load()
    scores = measure(pictures, teacher)
    false = false_heads(pictures, teacher)
    if options.json:
        print(json.dumps({"found": [asdict(score) for score in scores], "false": false, "headless": len(pictures)}))
        return
    table = Table("picture", "pictures", "found by eyes", "by outline alone", "median s")
    for score in scores:
        table.add_row(
            score.kind, str(score.pictures), str(score.by_eyes), str(score.outline_alone), f"{score.median_s:.1f}"
        )
    console = Console()
    console.print(table)
    console.print(f"Eyes seen in {false} of {len(pictures)} pictures without a head.")


if __name__ == "__main__":
    main()
