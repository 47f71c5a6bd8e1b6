"""Export the teacher's networks as weightless ONNX graphs (needs the extra ``teacher``).

Each graph keeps its weights' names and shapes, but marks them as external data; the values are supplied from the
published archives when a session is made. ``weights.json`` lists what each graph expects. Every graph is run in
ONNX Runtime with random weights and compared with torch before it is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from kuchipaku_tha import graphs
from kuchipaku_tha.architectures import NETWORKS
from kuchipaku_tha.onnx_rewrites import merge_heads, normalize_in_two_steps, remove_weights
from kuchipaku_tha.published import SHAPES_PATH

OPSET = 20
TOLERANCE = 1e-2
"""Of noise, whose warping magnifies rounding; the tests hold real pictures to less."""


@dataclass(frozen=True)
class Signature:
    """Inputs with their shapes, and outputs, of one network."""

    inputs: dict[str, tuple[int, ...]]
    outputs: list[str]


FACE_128 = (1, 4, 128, 128)
PICTURE = (1, 4, 512, 512)
THA3_SIGNATURES = {
    "eyebrow_decomposer": Signature({"image": FACE_128}, ["background", "eyebrows"]),
    "eyebrow_morphing_combiner": Signature(
        {"background": FACE_128, "eyebrows": FACE_128, "pose": (1, 12)},
        ["image", "grid_change", "color_change", "alpha"],
    ),
    "face_morpher": Signature(
        {"image": (1, 4, 192, 192), "pose": (1, 27)},
        ["morphed", "grid_change", "color_change", "alpha", "eye_color_change", "eye_alpha"],
    ),
    "two_algo_face_body_rotator": Signature({"image": PICTURE, "pose": (1, 6)}, ["coarse", "coarse_grid_change"]),
    "editor": Signature(
        {"image": PICTURE, "coarse": PICTURE, "coarse_grid_change": (1, 2, 512, 512), "pose": (1, 6)},
        ["edited", "grid_change", "warped", "alpha"],
    ),
}


THA4_SIGNATURES = {
    "face_morpher": Signature({"pose": (1, 39)}, ["face"]),
    "body_morpher": Signature({"image": PICTURE, "pose": (1, 45)}, ["edited", "grid_change", "warped", "alpha"]),
}
SIGNATURES = {"separable": THA3_SIGNATURES, "standard": THA3_SIGNATURES, "tha4": THA4_SIGNATURES}


def main() -> None:
    """Write all graphs and the list of their weights."""
    expected = {}
    for key, network in NETWORKS.items():
        architecture, name = key.split("/")
        expected[key] = export_network(key, random_module(network), SIGNATURES[architecture][name])
    lines = (f'"{key}": {json.dumps(shapes)}' for key, shapes in expected.items())
    SHAPES_PATH.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


def export_network(key: str, module: nn.Module, signature: Signature) -> dict[str, list[int]]:
    """Write one graph; gives the shapes of its weights by their names."""
    examples = tuple(torch.rand(shape) for shape in signature.inputs.values())
    # A student's networks multiply their weights by a constant; torch's optimizer would do that with the random ones.
    model = export(module, signature, examples, optimize=not key.startswith("tha4/"))
    merge_heads(model)
    normalize_in_two_steps(model)
    onnx.checker.check_model(model, full_check=True)
    shapes = remove_weights(model, set(module.state_dict()))
    graph = model.SerializeToString(deterministic=True)
    difference = compare(graph, shapes, module, examples)
    graphs.path(key).parent.mkdir(exist_ok=True)
    graphs.path(key).write_bytes(graph)
    print(f"{key}: {len(graph) / 1024:.0f} kB, differs from torch by {difference:.1e}")
    return shapes


def random_module(network: Callable[[], nn.Module]) -> nn.Module:
    """A network in which no two tensors are equal: the exporter would merge those, and with them their names."""
    torch.manual_seed(0)
    module = network().eval().requires_grad_(False)
    for parameter in module.parameters():
        if parameter.min() == parameter.max():
            parameter.add_(0.05 * torch.randn(parameter.shape))
    return module


def export(module: nn.Module, signature: Signature, examples: tuple[Tensor, ...], *, optimize: bool) -> onnx.ModelProto:
    """The graph of a module, weights included."""
    program = torch.onnx.export(
        module,
        examples,
        dynamo=True,
        opset_version=OPSET,
        input_names=list(signature.inputs),
        output_names=signature.outputs,
        optimize=optimize,
        verbose=False,
    )
    if program is None:
        raise SystemExit("torch exported nothing")
    return program.model_proto


def compare(graph: bytes, names: Iterable[str], module: nn.Module, examples: tuple[Tensor, ...]) -> float:
    """Greatest difference between ONNX Runtime and torch, relative to each output's range."""
    weights = {name: tensor.numpy() for name, tensor in module.state_dict().items() if name in names}
    network = graphs.Network(graph, weights, threads=1)
    got = network(*(example.numpy() for example in examples))
    wanted = module(*examples)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    difference = max(float(np.abs(a - b.numpy()).max() / b.abs().max()) for a, b in zip(got, wanted, strict=True))
    if difference > TOLERANCE:
        raise SystemExit(f"the graph differs from torch by {difference}")
    return difference


if __name__ == "__main__":
    main()
