from __future__ import annotations

from pathlib import Path

import pytest

from kuchipaku_tha.errors import WeightsError
from kuchipaku_tha.tha4.folder import DESCRIPTION, is_student_folder, read_student_folder

PLAIN = "character_image_file_name: me.png\nface_morpher_file_name: face.pt\nbody_morpher_file_name: body.pt\n"


def folder_with(path: Path, description: str | bytes) -> Path:
    path.joinpath("parts").mkdir()
    for name in ("me.png", "face.pt", "body.pt", "parts/face.pt"):
        path.joinpath(name).touch()
    content = description.encode() if isinstance(description, str) else description
    path.joinpath(DESCRIPTION).write_bytes(content)
    return path


@pytest.mark.parametrize(
    "description",
    [
        PLAIN,
        "\ufeff" + PLAIN.replace("\n", "\r\n"),
        "# a student\n---\n" + PLAIN.replace("me.png", "'me.png'").replace("body.pt", '"body.pt"'),
        PLAIN.replace("face.pt", "face.pt  # 480 kB") + "further: 1\n",
    ],
)
def test_reads_the_three_file_names(description: str, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, description)
    assert is_student_folder(folder)
    files = read_student_folder(folder)
    assert (files.picture, files.face_morpher, files.body_morpher) == (
        folder / "me.png",
        folder / "face.pt",
        folder / "body.pt",
    )


@pytest.mark.parametrize("name", ["parts/face.pt", "parts\\face.pt"])
def test_files_may_lie_deeper(name: str, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, PLAIN.replace("face.pt", name))
    assert read_student_folder(folder).face_morpher == folder / "parts" / "face.pt"


@pytest.mark.parametrize(
    ("description", "complaint"),
    [
        ("", "does not name character_image_file_name"),
        ("character_image_file_name:\n", "does not name character_image_file_name"),
        ("[1, 2]", "does not name"),
        (b"\xff\xfe\x00", "not a text file"),
        (PLAIN + "#" * (1 << 20), "far too long"),
        (PLAIN.replace("face.pt", "other.pt"), "there is no such file"),
        (PLAIN.replace("face.pt", "../face.pt"), "outside the folder"),
        (PLAIN.replace("face.pt", "..\\face.pt"), "outside the folder"),
        (PLAIN.replace("face.pt", "/etc/passwd"), "outside the folder"),
        (PLAIN.replace("face.pt", "C:\\face.pt"), "outside the folder"),
    ],
)
def test_other_descriptions_are_refused(description: str | bytes, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=complaint):
        read_student_folder(folder_with(tmp_path, description))


def test_a_folder_without_a_description_is_none(tmp_path: Path) -> None:
    assert not is_student_folder(tmp_path)
    with pytest.raises(WeightsError, match=r"character_model\.yaml cannot be read"):
        read_student_folder(tmp_path)
