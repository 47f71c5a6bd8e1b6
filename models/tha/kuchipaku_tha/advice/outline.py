"""Advice that needs nothing but the picture: its background, its figures, and how much of them there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np

from kuchipaku_tha.advice.advice import Advice, bounds
from kuchipaku_tha.figures import Figure, find_figures
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.placement import TEACHER_HEAD, Box, Placement

_HAZE_SHARE: Final = 0.002
_HAZE_ALPHA: Final = 4
_TRANSLUCENT_SHARE: Final = 0.03
_SECOND_FIGURE: Final = 0.2
_SPECK_SHARE: Final = 0.0001
_CHIBI_HEADS: Final = 3.2
_FEET_SHARE: Final = 0.5
_BESIDE_SHARE: Final = 0.08
_SMALL_HEAD_PX: Final = 96
_SHOULDERS: Final = 0.35


def about_background(picture: StraightRgba) -> Iterator[Advice]:
    """Haze around the figure, and holes in its opacity."""
    alpha = picture[..., 3]
    solid = (alpha >= 200).astype(np.uint8)
    reach = max(2, round(max(alpha.shape) * 0.008))
    rim = cv2.dilate(solid, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    haze = (alpha > _HAZE_ALPHA) & (rim == 0)
    if haze.mean() > _HAZE_SHARE:
        yield Advice(
            "haze",
            "warning",
            "The background is not wholly transparent: a faint haze, glow or shadow surrounds the figure, and will be "
            "dragged along when the character moves.",
            "Erase it, so that alpha is exactly 0 outside the figure.",
            bounds(haze),
        )
    inside = cv2.erode(solid | (alpha > 60).astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
    translucent = inside & (alpha < 240)
    if inside.any() and translucent.sum() > _TRANSLUCENT_SHARE * inside.sum():
        yield Advice(
            "translucent",
            "hint",
            "Parts of the figure are translucent; the background will show through.",
            "Make the figure fully opaque, unless that is wanted.",
            bounds(translucent),
        )


def about_figures(picture: StraightRgba, placement: Placement) -> Iterator[Advice]:
    """How many figures there are, what lies about, and of what build the main one is."""
    figures = find_figures(picture)
    if not figures:
        return
    main = figures[0]
    for other in figures[1:]:
        if other.share >= _SECOND_FIGURE * main.share:
            yield Advice(
                "several-figures",
                "warning",
                "There is a second large figure or object. Only one can become the character; what lies beside it is "
                "dragged along.",
                "Cut the picture to one figure.",
                other.box,
            )
    yield from _loose_pieces(picture)
    heads = main.box.height_px / placement.head.height_px
    if heads < _CHIBI_HEADS and _has_feet(main):
        yield Advice(
            "chibi",
            "warning",
            f"The whole figure is only {heads:.1f} heads high. The networks know bodies of six heads and more: the "
            "mouth of such a figure opens little, and turns bend the body.",
            "Nothing needs to be done if you like the result; a figure of normal proportions moves better.",
            main.box,
        )
    yield from _beyond(picture, placement)


def _loose_pieces(picture: StraightRgba) -> Iterator[Advice]:
    """Small areas that are not connected to the figure."""
    opaque = (picture[..., 3] > 127).astype(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(opaque, connectivity=8)
    areas = statistics[:, cv2.CC_STAT_AREA]
    largest = areas[1:].max(initial=0)
    loose = np.flatnonzero((areas >= _SPECK_SHARE * largest) & (areas < _SECOND_FIGURE * largest))
    loose = loose[loose > 0]
    if loose.size:
        yield Advice(
            "loose-pieces",
            "hint",
            f"Loose pieces lie beside the figure ({loose.size}): a signature, dust, or parts that are not connected.",
            "Erase what does not belong to the character.",
            bounds(np.isin(labels, loose)),
        )


def _has_feet(figure: Figure) -> bool:
    """Whether the figure ends in feet: narrow, and not in a straight cut."""
    bottom = min(figure.mask.shape[0], round(figure.box.bottom_px * figure.scale))
    step = max(1, round(figure.box.height_px * figure.scale * 0.02))
    last, above = figure.mask[bottom - 1].sum(), figure.mask[bottom - 1 - step].sum()
    feet = np.flatnonzero(figure.mask[bottom - 1 - 2 * step : bottom].any(axis=0))
    narrow = (feet[-1] + 1 - feet[0]) < _FEET_SHARE * figure.box.width_px * figure.scale
    return bool(last <= 0.8 * above and narrow)


def _beyond(picture: StraightRgba, placement: Placement) -> Iterator[Advice]:
    """What lies above or beside the teacher's box."""
    opaque = picture[..., 3] > 127
    left, top, right, _ = placement.teacher_box.edges
    rows, columns = np.arange(opaque.shape[0])[:, None] + 0.5, np.arange(opaque.shape[1]) + 0.5
    outside = opaque & ((rows < top) | (columns < left) | (columns > right))
    if outside.sum() > _BESIDE_SHARE * opaque.sum():
        yield Advice(
            "beyond-the-box",
            "hint",
            "Much of the picture lies above or beside what the networks see; it only follows the parts nearest to it.",
            "Fold wings and weapons, or accept that they move stiffly.",
            bounds(outside),
        )


def about_head(picture: StraightRgba, placement: Placement) -> Iterator[Advice]:
    """How large the head is, and whether all of it and something below it is in the picture."""
    head = placement.head
    opaque = picture[..., 3] > 127
    if head.height_px < _SMALL_HEAD_PX:
        yield Advice(
            "small-head",
            "warning" if head.height_px < _SMALL_HEAD_PX / 2 else "hint",
            f"The head is about {head.height_px:.0f} px high: the character will look soft.",
            f"Use a larger picture. {TEACHER_HEAD.height_px:.0f} px suit an output of 512×512, 256 one of 1024×1024.",
            head,
        )
    columns = slice(max(0, round(head.left_px)), max(0, round(head.right_px)))
    if opaque[0, columns].sum() > 0.15 * head.width_px:
        yield Advice(
            "cut-at-the-top",
            "warning",
            "The head is cut off by the upper edge of the picture; the cut will show when it nods.",
            "Use a picture with some room above the hair.",
            Box(head.left_px, 0, head.width_px, head.height_px * 0.2),
        )
    rows = np.nonzero(opaque[:, columns].any(axis=1))[0] if columns.stop > columns.start else np.zeros(0, int)
    if rows.size and rows[-1] + 1 < head.bottom_px + _SHOULDERS * head.height_px:
        yield Advice(
            "no-shoulders",
            "warning",
            "The picture ends at the neck. The networks expect shoulders, and turns will bend what is there.",
            "Use a picture that shows at least the shoulders, better the hips.",
            Box(head.left_px, head.centre.y_px, head.width_px, head.height_px),
        )
