"""Published weight files and the networks that they belong to.

THA3 was published in four variants: convolutions are ``separable`` or ``standard``, numbers are float or half. Which a
file holds shows in its tensors, so a folder needs no further description; half precision is widened when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import WeightsError
from kuchipaku_tha.weights import FETCH_ADVICE, StateDict, read_state_dict

Network: TypeAlias = Callable[..., tuple[NDArray[np.float32], ...]]
"""A network on numpy arrays, batches of one in and out."""

Loader: TypeAlias = Callable[[str, StateDict], Network]
"""Makes a network of a key, such as ``separable/editor``, and of weights that have been checked for it."""

GRAPHS_FOLDER: Final = Path(__file__).parent / "graphs"
SHAPES_PATH: Final = GRAPHS_FOLDER / "weights.json"
"""Names and shapes of the weights that each network uses, by its key."""

_SEPARABLE, _STANDARD = "separable", "standard"
_BODY: Final = ("downsample_blocks.", "bottleneck_blocks.", "upsample_blocks.")
_TELLING: Final = "downsample_blocks.0.1.weight"
"""Of a pointwise convolution in one architecture, of a normalization in the other."""


def load_tha3(name: str, path: Path, loader: Loader, advice: str = FETCH_ADVICE) -> Network:
    """A network of THA3 with the weights of a file, whichever of the four variants that is.

    Args:
        name: of the network, such as ``editor``.
        path: a ``.pt`` archive.
        loader: makes the network.
        advice: what to do about a bad file, for the message of the error.

    Raises:
        WeightsError: the archive is missing, damaged, or not of this network.
    """
    state = {_full_name(tensor): values for tensor, values in read_state_dict(path, advice).items()}
    return _load(f"{architecture_of(state)}/{name}", state, path, loader, advice)


def load_tha4(name: str, path: Path, loader: Loader, advice: str) -> Network:
    """A network of a THA4 student with the weights of a file.

    Raises:
        WeightsError: the archive is missing, damaged, or not of this network.
    """
    return _load(f"tha4/{name}", read_state_dict(path, advice), path, loader, advice)


def architecture_of(state: StateDict) -> str:
    """Whether weights are of the ``separable`` or the ``standard`` architecture of THA3."""
    telling = (values.ndim for name, values in state.items() if name.endswith(_TELLING))
    return _STANDARD if next(telling, 4) == 1 else _SEPARABLE


@cache
def expected_shapes() -> dict[str, dict[str, list[int]]]:
    """Shapes of the weights that each network uses, by its key and their names."""
    shapes: dict[str, dict[str, list[int]]] = json.loads(SHAPES_PATH.read_text(encoding="utf-8"))
    return shapes


def _full_name(tensor: str) -> str:
    """The standard face morpher was published without the prefix that all other networks have."""
    return f"body.{tensor}" if tensor.startswith(_BODY) else tensor


def _load(key: str, state: StateDict, path: Path, loader: Loader, advice: str) -> Network:
    expected = expected_shapes()[key]
    for name, shape in expected.items():
        if name not in state:
            raise WeightsError(f"{path.name} lacks {name}. {advice}")
        if list(state[name].shape) != shape:
            raise WeightsError(
                f"{name} in {path.name} has shape {list(state[name].shape)} instead of {shape}. {advice}"
            )
    return loader(key, {name: state[name] for name in expected})
