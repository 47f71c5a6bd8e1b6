"""Small pictures and fitted data made on the spot, so that most tests need neither weights nor a built-in character."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kuchipaku_tha.compiled import MorphData
from kuchipaku_tha.dense import DenseNetwork
from kuchipaku_tha.face import FacePatch
from kuchipaku_tha.field import PoseField
from kuchipaku_tha.morpher import StraightRgba
from kuchipaku_tha.pose import INDEX, ROTATION

MOUTH_AREA = (slice(140, 150), slice(240, 272))


def doll() -> StraightRgba:
    """A head and a body in flat colours on a transparent ground, 512×512."""
    picture = np.zeros((512, 512, 4), np.uint8)
    rows, columns = np.mgrid[0:512, 0:512]
    picture[(rows > 190) & (abs(columns - 256) < 80)] = (40, 60, 160, 255)
    picture[np.hypot(rows - 120, columns - 256) < 70] = (240, 200, 180, 255)
    picture[MOUTH_AREA] = (120, 40, 40, 255)
    return picture


def fine_doll() -> StraightRgba:
    """The doll at 1024×1024, its skin and mouth hatched with lines of one pixel."""
    picture = doll().repeat(2, axis=0).repeat(2, axis=1)
    lines = (np.mgrid[0:1024, 0:1024].sum(axis=0) // 2 % 2).astype(np.uint8)
    picture[..., :3] -= (picture[..., :3] // 2) * lines[..., None]
    return picture


def encoded(picture: NDArray[np.uint8], picture_format: str = "PNG") -> bytes:
    """The picture as a file's content."""
    content = io.BytesIO()
    Image.fromarray(picture).save(content, picture_format)
    return content.getvalue()


def linear_field(inputs: list[int], direction: NDArray[np.float32]) -> PoseField:
    """A field that is the sum of its inputs times one direction."""
    network = DenseNetwork((np.ones((len(inputs), 1), np.float32),), (np.full(1, 0.25, np.float32),))
    return PoseField(np.array(inputs, np.int32), network, direction.reshape(1, -1), direction.shape)


def shifting_data() -> MorphData:
    """head_y shifts the whole picture by 10 px, mouth_aaa brightens the mouth by 100."""
    flow = np.zeros((128, 128, 2), np.float32)
    flow[..., 0] = 10
    brighter = np.full((10, 32, 3), 100, np.float32)
    mouth = FacePatch(
        MOUTH_AREA[0].start, MOUTH_AREA[1].start, linear_field([INDEX["mouth_aaa"]], brighter), np.zeros_like(brighter)
    )
    return MorphData(linear_field([ROTATION.start + 1], flow), np.zeros_like(flow), (mouth,))
