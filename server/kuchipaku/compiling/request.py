"""What the compiling process can be asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from kuchipaku_tha.placement import Box
from kuchipaku_tha.quality import DRAFT, STANDARD, CompileSettings


@dataclass(frozen=True, slots=True)
class CompileStep:
    """One quality in which the character is compiled.

    Attributes:
        quality: its name.
        settings: how much work it is.
    """

    quality: str
    settings: CompileSettings


STEPS: Final = (CompileStep("draft", DRAFT), CompileStep("standard", STANDARD))
"""Usable in about a minute, then as good as `kuchipaku compile` makes it."""


@dataclass(frozen=True, slots=True)
class ExamineRequest:
    """A picture to look at.

    Attributes:
        picture: its file.
        head: where the head is, in picture px; found when None.
        background_tolerance: remove a plain background first; leave it when None.
    """

    picture: Path
    head: Box | None = None
    background_tolerance: float | None = None
    kind: Literal["examine"] = "examine"


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """A character to compile.

    Attributes:
        picture: file of the picture.
        name: of the character.
        folder: the character's own folder.
        title: name for people.
        author: who drew the picture.
        licence: under which the picture may be used.
        head: where the head is, in picture px; found when None.
        background_tolerance: remove a plain background first; leave it when None.
        steps: qualities, one after the other; each replaces the one before.
        threads: cores to use; None for all, within bounds.
    """

    picture: Path
    name: str
    folder: Path
    title: str
    author: str = ""
    licence: str = ""
    head: Box | None = None
    background_tolerance: float | None = None
    steps: tuple[CompileStep, ...] = STEPS
    threads: int | None = None
    kind: Literal["compile"] = "compile"


Request: TypeAlias = Annotated[ExamineRequest | CompileRequest, Field(discriminator="kind")]
REQUESTS: Final[TypeAdapter[Request]] = TypeAdapter(Request)
"""To and from one line of JSON."""
