"""The teacher's networks as weightless ONNX graphs (written by ``scripts/export_graphs.py``) and how to run them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from kuchipaku_tha.errors import WeightsError
from kuchipaku_tha.weights import StateDict, read_state_dict

_FOLDER: Final = Path(__file__).parent
WEIGHTS_PATH: Final = _FOLDER / "weights.json"
"""Names and shapes of the weights that each graph expects."""


def path(name: str) -> Path:
    """The graph of a network, named as its weight file."""
    return _FOLDER / f"{name}.onnx"


class Network:
    """One network under ONNX Runtime.

    Args:
        graph: a serialized ONNX model whose weights are marked as external data.
        weights: exactly the tensors that the graph expects.
        threads: that one inference may use; None leaves it to ONNX Runtime.
    """

    def __init__(self, graph: bytes, weights: StateDict, threads: int | None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.enable_mem_pattern = False  # planning every buffer ahead takes 0.7 GB more, and no less time
        # The session reads these arrays in place, so they must live as long as it does.
        self._weights = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in weights.values()]
        options.add_external_initializers(list(weights), self._weights)
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._inputs = [node.name for node in self._session.get_inputs()]

    def __call__(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Run it: batches of one in, batches of one out."""
        return tuple(self._session.run(None, dict(zip(self._inputs, inputs, strict=True))))


def load(name: str, weights_path: Path, threads: int | None) -> Network:
    """A network with its published weights.

    Args:
        name: of the network.
        weights_path: a ``.pt`` archive.
        threads: that one inference may use; None leaves it to ONNX Runtime.

    Raises:
        WeightsError: the archive is missing, damaged, or not of this network.
    """
    expected = json.loads(WEIGHTS_PATH.read_text(encoding="utf-8"))[name]
    weights = _select(read_state_dict(weights_path), expected, weights_path)
    return Network(path(name).read_bytes(), weights, threads)


def _select(state: StateDict, expected: dict[str, list[int]], weights_path: Path) -> StateDict:
    for name, shape in expected.items():
        if name not in state:
            raise WeightsError(f"{weights_path.name} lacks {name}. `kuchipaku models fetch` repairs it.")
        if list(state[name].shape) != shape:
            raise WeightsError(
                f"{name} in {weights_path.name} has shape {list(state[name].shape)} instead of {shape}. "
                "`kuchipaku models fetch` repairs it."
            )
    return {name: state[name] for name in expected}
