"""The teachers' networks as weightless ONNX graphs (written by ``scripts/export_graphs.py``) and how to run them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from kuchipaku_tha.published import GRAPHS_FOLDER, Loader
from kuchipaku_tha.weights import StateDict


def path(key: str) -> Path:
    """The graph of a network: ``separable/editor``, ``tha4/face_morpher``, ..."""
    return GRAPHS_FOLDER / f"{key}.onnx"


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


def loader(threads: int | None) -> Loader:
    """Makes networks under ONNX Runtime.

    Args:
        threads: that one inference may use; None leaves it to ONNX Runtime.
    """
    return lambda key, weights: Network(path(key).read_bytes(), weights, threads)
