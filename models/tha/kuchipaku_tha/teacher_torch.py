"""The same teacher in torch: the float32 reference, and the one that runs on a GPU (extra ``teacher``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import MissingExtraError
from kuchipaku_tha.published import Loader, Network
from kuchipaku_tha.teacher import Teacher
from kuchipaku_tha.weights import StateDict

if TYPE_CHECKING:
    import torch


class TorchTeacher(Teacher):
    """THA3 on one picture at a time, under torch. An instance belongs to one thread at a time."""

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None, device: str = "cpu") -> Self:
        """Load weights of any of the four published variants.

        Args:
            folder: where the five files are; when absent, where KUCHIPAKU_TEACHER says or where they are fetched to.
            threads: for torch's work on the CPU, in the whole process; None leaves it as it is.
            device: ``cpu``, ``cuda``, ...

        Raises:
            MissingExtraError: torch is not installed.
            WeightsError: the weights are missing, damaged, or not those of these networks.
        """
        return cls._load(folder, torch_loader(threads, device))


def torch_loader(threads: int | None = None, device: str = "cpu") -> Loader:
    """Makes networks under torch, in float32.

    Args:
        threads: for torch's work on the CPU, in the whole process; None leaves it as it is.
        device: ``cpu``, ``cuda``, ...

    Raises:
        MissingExtraError: torch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise MissingExtraError("The torch teacher needs torch: pip install 'kuchipaku[teacher]' adds it.") from None
    if threads is not None:
        torch.set_num_threads(threads)
    return lambda key, weights: _network(key, weights, torch.device(device))


def _network(key: str, weights: StateDict, device: torch.device) -> Network:
    import torch

    from kuchipaku_tha.architectures import NETWORKS

    module = NETWORKS[key]()
    # Not strict: the heads whose output is not used have no weights here.
    module.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in weights.items()}, strict=False)
    module.eval().requires_grad_(False).to(device)

    def run(*inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        with torch.inference_mode():
            outputs = module(*(torch.from_numpy(array).to(device) for array in inputs))
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        return tuple(output.numpy(force=True) for output in outputs)

    return run
