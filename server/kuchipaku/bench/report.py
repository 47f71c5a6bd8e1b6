"""Everything that `kuchipaku bench` measures, in one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from kuchipaku.bench.drawing import DrawingFigures, time_drawing
from kuchipaku.bench.footprint import Footprint, measure_footprint
from kuchipaku.bench.live import LiveFigures, time_live_path
from kuchipaku.bench.machine import Machine, peak_memory_mb, this_machine
from kuchipaku.characters import CharacterLibrary
from kuchipaku.threads import draw_on_one_thread
from kuchipaku_tha.tha4.folder import read_student_folder


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one machine and one character. Everything ran on one core.

    Attributes:
        machine: what it was measured on.
        character: whose.
        drawing: one frame, by the compiled character and by others.
        footprint: what the character takes.
        live: the whole path to an encoded frame.
        peak_memory_mb: of the process with one live character, no teacher loaded, in MiB.
    """

    machine: Machine
    character: str
    drawing: DrawingFigures
    footprint: Footprint
    live: LiveFigures
    peak_memory_mb: float


def measure(character_name: str | None, student_folder: Path | None, step: Callable[[str], object]) -> Report:
    """Measure on one core.

    Args:
        character_name: an installed character; a built-in one when absent.
        student_folder: of a THA4 student to compare with.
        step: told what is being measured.

    Raises:
        UnknownCharacterError, CharacterError: the character cannot be loaded.
        WeightsError, PictureError: the teacher or the student cannot be loaded.
    """
    if student_folder is not None:
        read_student_folder(student_folder)
    machine = this_machine()
    use_one_core()
    library = CharacterLibrary()
    character = library.load(character_name or library.default_name())
    step("speaking, drawing and encoding")
    live = time_live_path(character)
    peak_mb = peak_memory_mb()
    step("loading")
    footprint = measure_footprint(character)
    step(f"drawing {character.name}, and how long others take")
    drawing = time_drawing(character, student_folder)
    return Report(machine, character.name, drawing, footprint, live, round(peak_mb, 1))


def use_one_core() -> None:
    """Keep this process on one core (where the system lets it: not on macOS) and the array libraries on one thread."""
    draw_on_one_thread()
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):
        process.cpu_affinity(process.cpu_affinity()[-1:])
