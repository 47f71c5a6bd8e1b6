"""Everything that `kuchipaku bench` measures, in one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psutil

from kuchipaku.bench.drawing import time_drawing
from kuchipaku.bench.live import LiveFigures, time_live_path
from kuchipaku.bench.machine import Machine, peak_memory_mb, this_machine
from kuchipaku.bench.timing import Timing
from kuchipaku.characters import CharacterLibrary
from kuchipaku.threads import draw_on_one_thread


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one machine and one character. Everything ran on one core.

    Attributes:
        machine: what it was measured on.
        character: whose.
        morpher: one frame of the compiled character, every pose new.
        live: the whole path to an encoded frame.
        peak_memory_mb: of the process, the teacher not loaded.
        teacher: one frame of the teacher under ONNX Runtime with one thread; None without its weights.
        teacher_over_morpher: how many times longer the teacher takes (medians); None without its weights.
    """

    machine: Machine
    character: str
    morpher: Timing
    live: LiveFigures
    peak_memory_mb: float
    teacher: Timing | None
    teacher_over_morpher: float | None


def measure(character_name: str | None, step: Callable[[str], object]) -> Report:
    """Measure on one core.

    Args:
        character_name: an installed character; a built-in one when absent.
        step: told what is being measured.

    Raises:
        UnknownCharacterError, CharacterError: the character cannot be loaded.
    """
    machine = this_machine()
    use_one_core()
    library = CharacterLibrary()
    character = library.load(character_name or library.default_name())
    step("speaking, drawing and encoding")
    live = time_live_path(character)
    peak_mb = peak_memory_mb()
    step(f"drawing {character.name}, with and without the teacher")
    drawing = time_drawing(character)
    return Report(machine, character.name, drawing.morpher, live, round(peak_mb, 1), drawing.teacher, drawing.ratio)


def use_one_core() -> None:
    """Keep this process on one core (where the system lets it: not on macOS) and the array libraries on one thread."""
    draw_on_one_thread()
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):
        process.cpu_affinity(process.cpu_affinity()[-1:])
