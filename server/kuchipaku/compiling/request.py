"""What a compile job is asked to do, as it is handed to the process that does it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from kuchipaku_tha.compiler import DRAFT, STANDARD, CompileSettings
from kuchipaku_tha.placement import Box


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

    def to_json(self) -> str:
        """One line of JSON."""
        fields = dataclasses.asdict(self)
        return json.dumps(fields | {"picture": str(self.picture), "folder": str(self.folder)})

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Read back what ``to_json`` gave."""
        fields = json.loads(line)
        fields |= {name: Path(fields[name]) for name in ("picture", "folder")}
        fields["head"] = fields["head"] and Box(**fields["head"])
        fields["steps"] = tuple(
            CompileStep(step["quality"], CompileSettings(**step["settings"])) for step in fields["steps"]
        )
        return cls(**fields)
