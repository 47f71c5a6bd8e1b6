"""The same teacher in torch: the float32 reference, and the one that runs on a GPU (extra ``teacher``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import MissingExtraError, WeightsError
from kuchipaku_tha.fetch import teacher_folder
from kuchipaku_tha.teacher import NETWORK_NAMES, Network, Teacher, weights_identity
from kuchipaku_tha.weights import read_state_dict

if TYPE_CHECKING:
    import torch


class TorchTeacher(Teacher):
    """THA3 on one picture at a time, under torch. An instance belongs to one thread at a time."""

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None, device: str = "cpu") -> Self:
        """Load the published weights.

        Args:
            folder: where they are; :func:`kuchipaku_tha.fetch.teacher_folder` when absent.
            threads: for torch's work on the CPU, in the whole process; None leaves it as it is.
            device: ``cpu``, ``cuda``, ...

        Raises:
            MissingExtraError: torch is not installed.
            WeightsError: the weights are missing, damaged, or not those of these networks.
        """
        try:
            import torch
        except ImportError:
            raise MissingExtraError(
                "The torch teacher needs torch: pip install 'kuchipaku[teacher]' adds it."
            ) from None
        if threads is not None:
            torch.set_num_threads(threads)
        folder = teacher_folder() if folder is None else folder
        networks = {name: _network(name, folder / f"{name}.pt", torch.device(device)) for name in NETWORK_NAMES}
        return cls(networks, weights_identity(folder))


def _network(name: str, weights_path: Path, device: torch.device) -> Network:
    import torch

    from kuchipaku_tha.networks import NETWORKS

    module = NETWORKS[name]().eval().requires_grad_(False)
    state = {key: torch.from_numpy(tensor) for key, tensor in read_state_dict(weights_path).items()}
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise WeightsError(
            f"{weights_path.name} does not fit its network. `kuchipaku models fetch` repairs it."
        ) from error
    module.to(device)

    def run(*inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        with torch.inference_mode():
            outputs = module(*(torch.from_numpy(array).to(device) for array in inputs))
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        return tuple(output.numpy(force=True) for output in outputs)

    return run
