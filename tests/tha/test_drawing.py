"""Drawing samples: resumed, extended, on several threads, always the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kuchipaku_tha.drawing import FACES, TURNS, CharacterSamples, draw_samples
from kuchipaku_tha.progress import Progress, Stage, unheard
from tests.tha.drawings import doll
from tests.tha.drawn_teacher import DrawnTeacher

LOOKS = 3
"""One face and one turn are drawn at every start, to see what arrays there are."""


class Counter:
    """Counts what is drawn; interrupts at a given number, as Ctrl-C would."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.count = 0
        self._stop_at = stop_at

    def __call__(self) -> None:
        self.count += 1
        if self.count == self._stop_at:
            raise KeyboardInterrupt


def draw(root: Path, faces: int, turns: int, counter: Counter | None = None, threads: int = 2) -> CharacterSamples:
    teacher = DrawnTeacher(counter or Counter())
    return draw_samples(
        doll(), teacher, face_count=faces, turn_count=turns, seed=3, threads=threads, root=root, listener=unheard
    )[0]


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.safetensors")}


def test_samples_are_what_the_teacher_draws(tmp_path: Path) -> None:
    samples = draw(tmp_path, 12, 5)
    assert (len(samples.neutral_face), len(samples.probes), len(samples.faces)) == (1, 41, 12)
    assert (len(samples.neutral_turn), len(samples.turns)) == (1, 5)
    again = FACES.record(prepared(), samples.faces.poses[7])
    assert np.array_equal(samples.faces.array("crop")[7], again["crop"])
    again = TURNS.record(prepared(), samples.turns.poses[4])
    assert np.array_equal(samples.turns.array("flow")[4], again["flow"])


def prepared() -> DrawnTeacher:
    from kuchipaku_tha.colour import srgb_to_linear_image

    teacher = DrawnTeacher()
    teacher.set_picture(srgb_to_linear_image(doll()))
    return teacher


def test_nothing_is_drawn_twice(tmp_path: Path) -> None:
    draw(tmp_path, 12, 5)
    counter = Counter()
    draw(tmp_path, 12, 5, counter)
    assert counter.count == LOOKS
    draw(tmp_path, 20, 9, counter := Counter())
    assert counter.count == LOOKS + 8 + 4
    draw(tmp_path, 6, 2, counter := Counter())
    assert counter.count == LOOKS


@pytest.mark.parametrize("stop_at", [1, 3, 60, 110, 125])
def test_an_interrupted_drawing_goes_on_to_the_same_end(tmp_path: Path, stop_at: int) -> None:
    draw(tmp_path / "whole", 70, 20, threads=1)
    with pytest.raises(KeyboardInterrupt):
        draw(tmp_path / "resumed", 70, 20, Counter(stop_at))
    draw(tmp_path / "resumed", 70, 20, counter := Counter())
    assert contents(tmp_path / "resumed") == contents(tmp_path / "whole")
    assert counter.count <= LOOKS + 1 + 41 + 70 + 1 + 20 - (stop_at - LOOKS - 1) // FACES.chunk * FACES.chunk


def test_progress_counts_only_this_runs_work(tmp_path: Path) -> None:
    draw(tmp_path, 8, 3)
    reports: list[Progress] = []
    _, work = draw_samples(
        doll(),
        DrawnTeacher(),
        face_count=18,
        turn_count=5,
        seed=3,
        further_work=7.0,
        listener=reports.append,
        root=tmp_path,
    )
    assert {report.total for report in reports} == {10 + 2 * TURNS.work + 7}
    assert [report.done for report in reports] == [*range(1, 11), 10 + TURNS.work, 10 + 2 * TURNS.work]
    assert reports[-1].samples == 12
    work.finish(Stage.FITTING, "fitting", 7.0)
    assert reports[-1].done == reports[-1].total
