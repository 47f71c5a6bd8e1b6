"""A THA4 student's folder: ``character_model.yaml`` and the three files that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from kuchipaku_tha.errors import WeightsError

DESCRIPTION: Final = "character_model.yaml"
MAX_DESCRIPTION_BYTES: Final = 64 << 10
STUDENT_ADVICE: Final = (
    "A student that THA4's distiller made has character_model.yaml, a picture, face_morpher.pt and body_morpher.pt."
)

_KEYS: Final = ("character_image_file_name", "face_morpher_file_name", "body_morpher_file_name")


@dataclass(frozen=True, slots=True)
class StudentFolder:
    """The files of a student.

    Attributes:
        picture: whom it draws.
        face_morpher: weights.
        body_morpher: weights.
    """

    picture: Path
    face_morpher: Path
    body_morpher: Path


def is_student_folder(folder: Path) -> bool:
    """Whether a folder holds a student's description."""
    return (folder / DESCRIPTION).is_file()


def read_student_folder(folder: Path) -> StudentFolder:
    """Read the description of a student: lines of ``key: file name``.

    Only files of the folder itself or below it may be named, so that a foreign description cannot point elsewhere.

    Raises:
        WeightsError: there is no description, it does not name the files, or a file is missing.
    """
    path = folder / DESCRIPTION
    try:
        with path.open("rb") as file:
            content = file.read(MAX_DESCRIPTION_BYTES + 1)
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}). {STUDENT_ADVICE}") from error
    except UnicodeDecodeError as error:
        raise WeightsError(f"{path} is not a text file. {STUDENT_ADVICE}") from error
    if len(content) > MAX_DESCRIPTION_BYTES:
        raise WeightsError(f"{path} is far too long. {STUDENT_ADVICE}")
    names = dict(pair for pair in map(_key_and_value, lines) if pair)
    return StudentFolder(*(_file(folder, key, names.get(key, "")) for key in _KEYS))


def _key_and_value(line: str) -> tuple[str, str] | None:
    """One line of a flat YAML mapping; comments and everything else give None."""
    key, colon, value = line.partition(":")
    value = value.strip()
    if not colon or key.startswith(("#", " ", "\t")):
        return None
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return key.strip(), value[1:-1]
    return key.strip(), value.partition(" #")[0].strip()


def _file(folder: Path, key: str, name: str) -> Path:
    if not name:
        raise WeightsError(f"{folder / DESCRIPTION} does not name {key}. {STUDENT_ADVICE}")
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or PureWindowsPath(name).drive or ".." in parts.parts:
        raise WeightsError(f"{key} in {folder / DESCRIPTION} points outside the folder: {name}. Move the file into it.")
    path = folder / parts
    if not path.is_file():
        raise WeightsError(f"{folder / DESCRIPTION} names {name}, but there is no such file. {STUDENT_ADVICE}")
    return path
