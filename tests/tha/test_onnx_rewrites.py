from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

onnx = pytest.importorskip("onnx", reason="needs onnx: pip install 'kuchipaku[teacher]'")
pytestmark = pytest.mark.torch

SIZE_PX = 256


def model(nodes: list[Any], outputs: dict[str, int], weights: dict[str, NDArray[np.float32]]) -> Any:
    def plane(name: str, channels: int) -> Any:
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, channels, SIZE_PX, SIZE_PX])

    graph = onnx.helper.make_graph(
        nodes,
        "graph",
        [plane("x", 3)],
        [plane(name, channels) for name, channels in outputs.items()],
        [onnx.numpy_helper.from_array(weight, name) for name, weight in weights.items()],
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)


def run(graph: Any, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    onnx.checker.check_model(graph, full_check=True)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return [np.asarray(output) for output in session.run(None, {"x": x})]


def test_merged_heads_compute_the_same() -> None:
    from kuchipaku_tha.onnx_rewrites import merge_heads

    rng = np.random.default_rng(1)
    nodes = [
        onnx.helper.make_node("Conv", ["x", "a.weight", "a.bias"], ["a"], pads=[1, 1, 1, 1]),
        onnx.helper.make_node("Tanh", ["a"], ["a_tanh"]),
        onnx.helper.make_node("Conv", ["x", "b.weight"], ["b"], pads=[1, 1, 1, 1]),
    ]
    shapes = {"a.weight": (4, 3, 3, 3), "a.bias": (4,), "b.weight": (2, 3, 3, 3)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    graph = model(nodes, {"a_tanh": 4, "b": 2}, weights)
    x = rng.normal(size=(1, 3, SIZE_PX, SIZE_PX)).astype(np.float32)
    wanted = run(graph, x)
    merge_heads(graph)
    assert [node.op_type for node in graph.graph.node].count("Conv") == 1
    for got, expected in zip(run(graph, x), wanted, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-5)


def test_normalizing_in_two_steps_is_exact_on_an_almost_empty_plane() -> None:
    from kuchipaku_tha.onnx_rewrites import normalize_in_two_steps

    rng = np.random.default_rng(1)
    x = np.full((1, 3, SIZE_PX, SIZE_PX), 0.7371, np.float32)
    x[..., 100:130, 100:130] = rng.normal(size=(1, 3, 30, 30))
    weights = {"weight": np.array([1, 2, -1], np.float32), "bias": np.array([0, 1, 0.5], np.float32)}
    node = onnx.helper.make_node("InstanceNormalization", ["x", "weight", "bias"], ["y"], epsilon=1e-5)
    graph = model([onnx.helper.make_node("Identity", ["x"], ["copy"]), node], {"y": 3}, weights)
    node = graph.graph.node[1]
    node.input[0] = "copy"
    normalize_in_two_steps(graph)
    assert "InstanceNormalization" not in [node.op_type for node in graph.graph.node]

    exact = x.astype(np.float64)
    exact -= exact.mean((2, 3), keepdims=True)
    exact /= np.sqrt((exact**2).mean((2, 3), keepdims=True) + 1e-5)
    exact = exact * weights["weight"][:, None, None] + weights["bias"][:, None, None]
    np.testing.assert_allclose(run(graph, x)[0], exact, atol=2e-5)


def test_removed_weights_keep_their_names_and_shapes() -> None:
    from kuchipaku_tha.onnx_rewrites import remove_weights

    node = onnx.helper.make_node("Conv", ["x", "kept.weight"], ["y"], pads=[1, 1, 1, 1], doc_string="from line 3")
    graph = model([node], {"y": 2}, {"kept.weight": np.ones((2, 3, 3, 3), np.float32)})
    assert remove_weights(graph, {"kept.weight"}) == {"kept.weight": [2, 3, 3, 3]}
    (tensor,) = graph.graph.initializer
    assert tensor.data_location == onnx.TensorProto.EXTERNAL
    assert not tensor.raw_data
    assert not graph.graph.node[0].doc_string
