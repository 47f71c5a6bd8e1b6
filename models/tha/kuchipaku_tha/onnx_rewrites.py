"""Changes to the exported graphs that make ONNX Runtime exact and fast on them (extra ``teacher``).

Names of weights stay as they are: where a rewrite combines weights, the graph does so, and ONNX Runtime folds that
once when the session is made.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, external_data_helper, helper, numpy_helper, shape_inference

LARGE_PX = 128 * 128


def normalize_in_two_steps(model: ModelProto) -> None:
    """Take the mean and variance of large planes row by row.

    ONNX Runtime sums a whole plane in single precision: over the 262,144 equal pixels of an empty background that is
    off by up to 1e-4, and warping magnifies it. Sums of rows, then of row means, lose nothing that shows.
    """
    areas = _plane_areas(model)
    large = [
        node
        for node in model.graph.node
        if node.op_type == "InstanceNormalization" and areas[node.input[0]] >= LARGE_PX
    ]
    if not large:
        return
    rows, columns, flat = _constants(model, last_axis=[3], third_axis=[2], flat_shape=[-1])

    def rewritten(norm: NodeProto) -> list[NodeProto]:
        plane, weight, bias = norm.input
        name = norm.output[0]
        make = helper.make_node
        return [
            make("ReduceMean", [plane, rows], [f"{name}.row_means"]),
            make("ReduceMean", [f"{name}.row_means", columns], [f"{name}.mean"]),
            make("Sub", [plane, f"{name}.mean"], [f"{name}.centred"]),
            make("Mul", [f"{name}.centred", f"{name}.centred"], [f"{name}.squares"]),
            make("ReduceMean", [f"{name}.squares", rows], [f"{name}.row_variances"]),
            make("ReduceMean", [f"{name}.row_variances", columns], [f"{name}.variance"]),
            make("Reshape", [f"{name}.mean", flat], [f"{name}.means"]),
            make("Reshape", [f"{name}.variance", flat], [f"{name}.variances"]),
            make(
                "BatchNormalization",
                [plane, weight, bias, f"{name}.means", f"{name}.variances"],
                [name],
                epsilon=next(attribute.f for attribute in norm.attribute if attribute.name == "epsilon"),
            ),
        ]

    _replace(model, [([norm], rewritten(norm)) for norm in large])


def merge_heads(model: ModelProto) -> None:
    """Let one convolution compute all the heads of a feature: most of a head's cost is reading it."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}

    def is_head(node: NodeProto) -> bool:
        if node.op_type != "Conv":
            return False
        shape = shapes.get(node.input[1], ())
        return shape[1:] != (1, 3, 3) and shape[2:] == (3, 3)

    by_feature = itertools.groupby(
        sorted(filter(is_head, model.graph.node), key=lambda node: node.input[0]), key=lambda node: node.input[0]
    )
    replacements = []
    for feature, group in by_feature:
        heads = list(group)
        if len(heads) == 1:
            continue
        channels = [shapes[head.input[1]][0] for head in heads]
        biases = [_bias(model, head, count) for head, count in zip(heads, channels, strict=True)]
        (sizes,) = _constants(model, head_channels=channels)
        merged = [
            helper.make_node("Concat", [head.input[1] for head in heads], ["heads.weight"], axis=0),
            helper.make_node("Concat", biases, ["heads.bias"], axis=0),
            helper.make_node("Conv", [feature, "heads.weight", "heads.bias"], ["heads"], pads=[1, 1, 1, 1]),
            helper.make_node("Split", ["heads", sizes], [head.output[0] for head in heads], axis=1),
        ]
        replacements.append((heads, merged))
    _replace(model, replacements)


def remove_weights(model: ModelProto, names: set[str]) -> dict[str, list[int]]:
    """Mark the named initializers as external data, drop everything that only explains, and tell the shapes."""
    shapes = {}
    for tensor in model.graph.initializer:
        if tensor.name in names:
            shapes[tensor.name] = list(tensor.dims)
            external_data_helper.set_external_data(tensor, "weights", offset=0, length=len(tensor.raw_data))
            tensor.ClearField("raw_data")
    del model.graph.value_info[:]
    del model.metadata_props[:]
    for explained in (model.graph, *model.graph.node, *model.graph.initializer):
        explained.doc_string = ""
        del explained.metadata_props[:]
    return shapes


def _plane_areas(model: ModelProto) -> dict[str, int]:
    """Height times width of every image-shaped value."""
    areas = {}
    for value in shape_inference.infer_shapes(model).graph.value_info:
        dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if len(dims) == 4:
            areas[value.name] = dims[2] * dims[3]
    return areas


def _constants(model: ModelProto, **values: Sequence[int]) -> list[str]:
    """Add integer vectors to the graph; gives their names."""
    for name, value in values.items():
        _add(model, name, np.array(value, np.int64))
    return list(values)


def _bias(model: ModelProto, convolution: NodeProto, channels: int) -> str:
    if len(convolution.input) > 2:
        return str(convolution.input[2])
    name = f"{convolution.output[0]}.no_bias"
    _add(model, name, np.zeros(channels, np.float32))
    return name


def _add(model: ModelProto, name: str, value: NDArray[np.generic]) -> None:
    model.graph.initializer.append(numpy_helper.from_array(value, name))


def _replace(model: ModelProto, replacements: list[tuple[list[NodeProto], list[NodeProto]]]) -> None:
    """Put new nodes where the first of the old ones stood, and drop the old ones."""
    outputs = {node.output[0]: new for old, new in replacements for node in old[:1]}
    dropped = {node.output[0] for old, _ in replacements for node in old}
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        nodes += outputs.get(node.output[0], [] if node.output[0] in dropped else [node])
    del model.graph.node[:]
    model.graph.node.extend(nodes)
