"""A piece of advice about a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import UnfitPictureError
from kuchipaku_tha.placement import Box

Severity = Literal["error", "warning", "hint"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "hint")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Something about a picture that will make its character worse.

    Attributes:
        code: stable machine-readable name, kebab-case.
        severity: "error" where nothing good can come of it, "warning" where it will be seen, "hint" where it may be.
        reason: what is the matter, and what comes of it.
        remedy: what to do about it.
        area: where in the picture, in px; None for all of it.
    """

    code: str
    severity: Severity
    reason: str
    remedy: str
    area: Box | None = None


def refuse_errors(advice: Iterable[Advice], consent: str) -> None:
    """Refuse a picture of which nothing good can come.

    Args:
        advice: about the picture.
        consent: how to compile it all the same, as a sentence.

    Raises:
        UnfitPictureError: there is an error among the advice; all of them are told, with their remedies.
    """
    errors = [f"{one.reason} {one.remedy}" for one in advice if one.severity == "error"]
    if errors:
        raise UnfitPictureError(" ".join((*errors, consent)))


HEAD_BOX_REMEDY: Final = (
    "Draw the head box from the top of the hair to the chin (in a command: --head LEFT,TOP,WIDTH,HEIGHT)."
)


def bounds(mask: NDArray[np.bool_]) -> Box:
    """The smallest box around all that is True; something must be."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    left, top = float(columns[0]), float(rows[0])
    return Box(left, top, float(columns[-1]) + 1 - left, float(rows[-1]) + 1 - top)
