"""Everything that is measured about one character, and how it is told: Markdown tables and JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

from benchmarks import steadiness
from benchmarks.faces import Check
from benchmarks.fidelity import Likeness
from benchmarks.likeness import EQUAL_DB
from benchmarks.steadiness import Comparison


@dataclass(frozen=True)
class Findings:
    """One character. Pictures are not kept.

    Attributes:
        name: of the character.
        built_in: whether it comes with kuchipaku.
        neutral_db: PSNR of the neutral pose against the source picture.
        likeness: mean over each kind of pose, and over all under ``all``.
        worst: the worst frames, as for JSON.
        steadiness: every path.
        checks: every check of its face.
    """

    name: str
    built_in: bool
    neutral_db: float
    likeness: dict[str, Likeness]
    worst: list[dict[str, object]]
    steadiness: list[Comparison]
    checks: list[Check]

    def record(self) -> dict[str, object]:
        """For JSON."""
        return {
            "character": self.name,
            "built_in": self.built_in,
            "neutral_db": self.neutral_db,
            "likeness": {kind: asdict(likeness) for kind, likeness in self.likeness.items()},
            "worst": self.worst,
            "steadiness": [steadiness.as_record(row) for row in self.steadiness],
            "checks": len(self.checks),
            "checks_not_passed": [asdict(check) for check in self.checks if not check.passed],
        }


def groups(findings: Sequence[Findings]) -> dict[str, list[Findings]]:
    """Those that are averaged together: the built-in characters, and the others if there are any."""
    parted = {
        "built-in": [one for one in findings if one.built_in],
        "others": [one for one in findings if not one.built_in],
    }
    return {name: members for name, members in parted.items() if members}


def fidelity_table(findings: Sequence[Findings]) -> str:
    """A row for each character, and one for the mean of each group."""
    rows = [
        "| | PSNR, dB | live | wide | SSIM | face, dB | live | wide | face SSIM | flow, px | ghosts | neutral, dB |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        "| *wanted, in the mean* | *≥ 33* | | | *≥ 0.97* | *≥ 30* | | | | | *≤ 1* | *≥ 40* |",
    ]
    rows += [_fidelity_row(one.name, [one]) for one in findings]
    rows += [_fidelity_row(f"**mean, {name}**", members) for name, members in groups(findings).items()]
    return "\n".join(rows)


def _fidelity_row(name: str, members: Sequence[Findings]) -> str:
    def mean(pick: Callable[[Likeness], float], kind: str, digits: int) -> str:
        return f"{fmean(pick(one.likeness[kind]) for one in members):.{digits}f}"

    cells = [
        name,
        *(mean(lambda likeness: likeness.psnr_db, kind, 1) for kind in ("all", "live", "wide")),
        mean(lambda likeness: likeness.ssim, "all", 3),
        *(mean(lambda likeness: likeness.face_psnr_db, kind, 1) for kind in ("all", "live", "wide")),
        mean(lambda likeness: likeness.face_ssim, "all", 3),
        mean(lambda likeness: likeness.flow_error_px, "all", 2),
        mean(lambda likeness: likeness.ghosts, "all", 2),
        _decibels(min(one.neutral_db for one in members)),
    ]
    return f"| {' | '.join(cells)} |"


def _decibels(value: float) -> str:
    return "equal" if value >= EQUAL_DB else f"{value:.1f}"


def steadiness_table(findings: Sequence[Findings]) -> str:
    """A row for every path and quantity, means over each group."""
    rows = [
        "| | | teacher | compiled | teacher, p99 | compiled, p99 | travel, teacher | travel, compiled | steadier |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, members in groups(findings).items():
        for index, first in enumerate(members[0].steadiness):
            same = [one.steadiness[index] for one in members]
            figures = [
                fmean(getattr(getattr(row, who), figure) for row in same)
                for figure in ("jitter", "jitter_p99", "travel")
                for who in ("teacher", "compiled")
            ]
            ratio = f"{figures[0] / figures[1]:.1f}×" if figures[1] > 0 else "∞"
            cells = " | ".join(f"{figure:.3g}" for figure in figures)
            rows.append(f"| {name}, {first.path} | {first.what} | {cells} | {ratio} |")
    return "\n".join(rows)


def faces_table(findings: Sequence[Findings]) -> str:
    """How many checks each character passes, and those that it does not."""
    rows = ["| | checks passed | not passed (compiled / teacher) | not measured |", "|---|---|---|---|"]
    for one in findings:
        failed = "; ".join(
            f"{check.what} {check.compiled:g} / {check.teacher:g}" for check in one.checks if check.passed is False
        )
        unmeasured = "; ".join(check.what for check in one.checks if check.passed is None)
        measured = [check for check in one.checks if check.passed is not None]
        passed = sum(bool(check.passed) for check in measured)
        rows.append(f"| {one.name} | {passed} of {len(measured)} | {failed} | {unmeasured} |")
    return "\n".join(rows)


def worst_table(findings: Sequence[Findings]) -> str:
    """The worst frames of the built-in characters, in the order of their sheets."""
    rows = ["| | | face, dB | pose |", "|---|---|---|---|"]
    for one in findings:
        for number, frame in enumerate(one.worst if one.built_in else (), 1):
            pose = frame["pose"]
            values = ", ".join(f"{name} {value:g}" for name, value in pose.items()) if isinstance(pose, dict) else ""
            rows.append(f"| {one.name} {number} | {frame['kind']} | {frame['face_psnr_db']:.1f} | {values} |")
    return "\n".join(rows)


def least_ratio(findings: Sequence[Findings]) -> float:
    """The least ratio of jitters over all characters and paths, where nothing but jitter is measured."""
    ratios = [row.times_steadier for one in findings for row in one.steadiness if row.what != "moving pixels"]
    return min(ratios, default=math.inf)
