from __future__ import annotations

from pathlib import Path

import hibari
import numpy as np
import onnxruntime
import pytest

from kuchipaku.speech.onnx_wire import output_of_following, with_output


@pytest.fixture(scope="module")
def model() -> bytes:
    return (Path(hibari.__file__).parent / "assets" / "hibari.onnx").read_bytes()


def test_the_exposed_durations_account_for_every_frame(model: bytes) -> None:
    name = output_of_following(model, "Round", "Clip")
    session = onnxruntime.InferenceSession(with_output(model, name), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    assert names == ["lh", "theta", "ln", "lr", "phi", "f0", name]
    ids = np.array([[0, 50, 83, 54, 31, 0]], np.int64)
    *_, f0, durations = session.run(None, {"ids": ids, "speed": np.ones(1, np.float32)})
    assert durations.size == ids.size
    assert f0.shape[1] == 2 * durations.sum()


def test_a_graph_without_the_nodes_is_refused(model: bytes) -> None:
    with pytest.raises(ValueError, match="0 Clip nodes"):
        output_of_following(model, "Hardmax", "Clip")


@pytest.mark.parametrize("damage", [b"\xff" * 40, b"\x3a\xff\xff\x03 short"])
def test_bytes_that_are_not_a_model_are_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match=r"protobuf|truncated|nodes"):
        output_of_following(damage, "Round", "Clip")
