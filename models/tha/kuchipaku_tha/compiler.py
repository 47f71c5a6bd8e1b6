"""Compiling a character: sample the teacher, fit the fields, write the character's folder."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np

from kuchipaku_tha.character import Character, CharacterFacts, check_name, load_character, save_character, title_from
from kuchipaku_tha.drawing import draw_samples
from kuchipaku_tha.errors import CharacterError
from kuchipaku_tha.fitting import fit_morph
from kuchipaku_tha.head import place
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.picture import load_picture
from kuchipaku_tha.placement import Box, Placement, to_box
from kuchipaku_tha.progress import ProgressListener, Stage, unheard
from kuchipaku_tha.quality import STANDARD, CompileSettings
from kuchipaku_tha.teachers import PoseTeacher

COMPILER_VERSION: Final = 3
"""Raised whenever the same picture and settings give another character than before."""

_FULL_FIT_WORK: Final = 1300.0
"""In face samples: 40 s where two threads draw one in 0.03 s."""
_WRITE_WORK: Final = 5.0


def compile_character(
    picture: Path,
    name: str,
    folder: Path,
    *,
    teacher: PoseTeacher,
    settings: CompileSettings = STANDARD,
    head: Box | None = None,
    background_tolerance: float | None = None,
    facts: CharacterFacts | None = None,
    listener: ProgressListener = unheard,
    threads: int | None = None,
    samples_root: Path | None = None,
) -> Character:
    """Compile a picture into a character.

    The folder appears only when everything is finished; an existing character of that name is replaced then. What the
    teacher draws is kept in the cache folder, so a compile that was stopped goes on where it was, and one of another
    quality draws only what is missing. A folder that was compiled from exactly this is returned as it is.

    Args:
        picture: one character on a transparent background, see :func:`kuchipaku_tha.picture.load_picture`.
        name: of the character; also of its folder.
        folder: the character's own folder, made anew.
        teacher: draws the samples; its picture is replaced.
        settings: how much work to invest.
        head: where the head is, in picture px, from the top of the hair to the chin; found when absent.
        background_tolerance: remove a plain background first, see :mod:`kuchipaku_tha.background`.
        facts: title and licence to record; taken from the name when absent.
        listener: told about progress, from this thread.
        threads: that draw at once; all cores up to :data:`kuchipaku_tha.drawing.MOST_THREADS` when absent.
        samples_root: where samples are kept; below the cache folder when absent.

    Raises:
        PictureError: the picture cannot be used.
        CharacterError: the name cannot be used, or the folder cannot be written.
        StorageError: the disk is full, or the cache folder cannot be written.
    """
    check_name(name)
    source = load_picture(picture, background_tolerance=background_tolerance)
    return compile_source(
        source,
        place(source, head, teacher),
        name,
        folder,
        teacher=teacher,
        settings=settings,
        facts=facts,
        listener=listener,
        threads=threads,
        samples_root=samples_root,
    )


def compile_source(
    source: StraightRgba,
    placement: Placement,
    name: str,
    folder: Path,
    *,
    teacher: PoseTeacher,
    settings: CompileSettings = STANDARD,
    facts: CharacterFacts | None = None,
    listener: ProgressListener = unheard,
    threads: int | None = None,
    samples_root: Path | None = None,
) -> Character:
    """Compile a picture that has been read and placed, as :func:`compile_character` does.

    Args:
        source: uint8 (height, width, 4), straight alpha.
        placement: of the picture in the teacher's box.
        name: of the character; also of its folder.
        folder: the character's own folder, made anew.
        teacher: draws the samples; its picture is replaced.
        settings: how much work to invest.
        facts: title and licence to record; taken from the name when absent.
        listener: told about progress, from this thread.
        threads: that draw at once; all cores up to :data:`kuchipaku_tha.drawing.MOST_THREADS` when absent.
        samples_root: where samples are kept; below the cache folder when absent.

    Raises:
        PictureError: the teacher knows another picture alone.
        CharacterError: the name cannot be used, or the folder cannot be written.
        StorageError: the disk is full, or the cache folder cannot be written.
    """
    check_name(name)
    facts = facts or CharacterFacts(title_from(name))
    facts = replace(facts, teacher=teacher.identity, compiled_with=_recorded(settings))
    finished = _load_if_same(folder, name, source, placement, facts)
    if finished is not None:
        return finished
    fit_work = _FULL_FIT_WORK * settings.fit_percent / 100
    samples, work = draw_samples(
        to_box(source, placement),
        teacher,
        face_count=settings.face_samples,
        turn_count=settings.turn_samples,
        seed=settings.seed,
        further_work=fit_work + _WRITE_WORK,
        listener=listener,
        threads=threads,
        root=samples_root,
    )
    reported = 0.0

    def report_fit(words: str, fraction: float) -> None:
        nonlocal reported
        work.finish(Stage.FITTING, words, (fraction - reported) * fit_work)
        reported = fraction

    data = fit_morph(samples, settings.fit_percent / 100, settings.seed, report_fit)
    work.finish(Stage.WRITING, "writing the character", 0.0)
    character = save_character(folder, name, source, data, facts, placement)
    work.finish(Stage.WRITING, "writing the character", _WRITE_WORK)
    return character


def is_compiled_from(folder: Path, source: StraightRgba, settings: CompileSettings) -> bool:
    """Whether a folder holds a character compiled from this picture with these settings.

    Args:
        folder: of the character; it need not exist.
        source: uint8 (height, width, 4), straight alpha.
        settings: how much work was invested.
    """
    try:
        character = load_character(folder)
    except CharacterError:
        return False
    return character.facts.compiled_with == _recorded(settings) and np.array_equal(character.picture, source)


def _recorded(settings: CompileSettings) -> dict[str, int]:
    """What is written down about a compile."""
    return asdict(settings) | {"compiler": COMPILER_VERSION}


def _load_if_same(
    folder: Path, name: str, source: StraightRgba, placement: Placement, facts: CharacterFacts
) -> Character | None:
    """The character in a folder, if it was compiled from the same with the same."""
    try:
        character = load_character(folder)
    except CharacterError:
        return None
    same = character.name == name and character.facts == facts and character.placement == placement
    return character if same and np.array_equal(character.picture, source) else None
