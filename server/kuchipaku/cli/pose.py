"""`kuchipaku pose`: one picture of a character in a given pose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from kuchipaku.cli.console import err, out
from kuchipaku.cli.models import fetch_if_missing
from kuchipaku.cli.sizes import SizeOption, frame_size
from kuchipaku_tha.errors import BadInputError
from kuchipaku_tha.pose import PARAMETERS, pose_from

if TYPE_CHECKING:
    from kuchipaku_tha.framing import FrameSize
    from kuchipaku_tha.morpher import StraightRgba
    from kuchipaku_tha.placement import Placement
    from kuchipaku_tha.pose import Pose


def pose(
    subject: Annotated[
        str, typer.Argument(metavar="CHARACTER_OR_PICTURE", help="A character, or a picture file.")
    ] = "",
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter; may be repeated.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The PNG file to write.")] = Path("pose.png"),
    size: SizeOption = None,
    teacher: Annotated[
        bool, typer.Option("--teacher", help="Draw with the teacher instead, in its own 512×512 frame: slow, exact.")
    ] = False,
    list_parameters: Annotated[bool, typer.Option("--list", help="Print the 45 parameters and their ranges.")] = False,
) -> None:
    """Draw one pose as a PNG with alpha. A picture file is always drawn by the teacher."""
    if list_parameters:
        _print_parameters()
        return
    if not subject:
        raise typer.BadParameter(
            "Name a character or a picture file, or ask for --list.", param_hint="CHARACTER_OR_PICTURE"
        )
    wanted = pose_from(dict(_parse(value) for value in values or []))
    picture = _draw(subject, wanted, frame_size(size), by_teacher=teacher)
    _save(picture, output)
    err.print(f"Wrote {output}", soft_wrap=True, markup=False)


def _print_parameters() -> None:
    table = Table("parameter", "from", "to", "moves")
    for parameter in PARAMETERS:
        table.add_row(parameter.name, f"{parameter.low:g}", f"{parameter.high:g}", parameter.group)
    out.print(table)


def _parse(assignment: str) -> tuple[str, float]:
    name, _, value = assignment.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise typer.BadParameter(f"{assignment!r} is not of the form NAME=NUMBER.", param_hint="--set") from None


def _draw(subject: str, wanted: Pose, size: FrameSize | None, *, by_teacher: bool) -> StraightRgba:
    from kuchipaku.alpha import unpremultiply
    from kuchipaku.characters import CharacterLibrary
    from kuchipaku_tha.picture import FORMATS, load_picture

    path = Path(subject)
    if path.is_file() or path.suffix.upper().removeprefix(".") in FORMATS:
        return _draw_with_teacher(load_picture(path), None, wanted)
    character = CharacterLibrary().load(subject)
    if by_teacher:
        return _draw_with_teacher(character.picture, character.placement, wanted)
    return unpremultiply(character.morpher(size).render(wanted))


def _draw_with_teacher(picture: StraightRgba, placement: Placement | None, wanted: Pose) -> StraightRgba:
    """The teacher's box; without a placement the head is looked for."""
    from kuchipaku_tha.colour import linear_image_to_srgb, srgb_to_linear_image
    from kuchipaku_tha.head import place
    from kuchipaku_tha.placement import to_box
    from kuchipaku_tha.teacher import Teacher

    fetch_if_missing()
    teacher = Teacher.load()
    box = to_box(picture, placement or place(picture, teacher=teacher))
    teacher.set_picture(srgb_to_linear_image(box))
    return linear_image_to_srgb(teacher.pose(wanted).image)


def _save(picture: StraightRgba, output: Path) -> None:
    from kuchipaku_tha.picture import save_png

    try:
        save_png(picture, output)
    except OSError as error:
        raise BadInputError(f"{output} cannot be written: {error.strerror}. Choose another place with -o.") from error
