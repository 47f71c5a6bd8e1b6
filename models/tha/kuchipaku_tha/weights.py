"""A small, safe reader of weight archives written by ``torch.save``.

Such an archive is a zip of one pickle, ``<root>/data.pkl``, that describes the tensors, and one raw little-endian
file per storage, ``<root>/data/<key>``. Unpickling arbitrary globals would run arbitrary code, so this reader admits
only the few names that a state dict needs and maps each to a function of its own. Torch is never imported.
"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kuchipaku_tha.errors import WeightsError

StateDict: TypeAlias = dict[str, NDArray[np.float32]]
"""Tensors by name; each contiguous, in the layout that torch uses (output channels, input channels, height, width)."""

MAX_PICKLE_BYTES: Final = 4 << 20
MAX_STORAGE_BYTES: Final = 512 << 20
_ADVICE: Final = "`kuchipaku models fetch` repairs the published weights."


def read_state_dict(path: Path) -> StateDict:
    """Read the tensors of a ``.pt`` archive.

    Args:
        path: a zip archive as ``torch.save(module.state_dict(), path)`` writes it.

    Returns:
        every tensor as float32 (half precision is widened).

    Raises:
        WeightsError: the file is missing, truncated or corrupt, asks for code, or holds something else than tensors.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            state = _StateDictUnpickler(_Storages(archive)).load()
    except FileNotFoundError:
        raise WeightsError(f"There are no weights at {path}. `kuchipaku models fetch` downloads them.") from None
    except WeightsError as error:
        raise WeightsError(f"{path.name} cannot be used: {error} {_ADVICE}") from error
    except Exception as error:  # a damaged pickle or zip can raise nearly anything
        raise WeightsError(f"{path.name} is damaged ({error}). {_ADVICE}") from error
    return _checked(state, path)


def _checked(state: object, path: Path) -> StateDict:
    if not isinstance(state, Mapping):
        raise WeightsError(f"{path.name} holds no state dict. {_ADVICE}")
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, np.ndarray):
            raise WeightsError(f"{path.name} holds something else than named tensors: {name!r}. {_ADVICE}")
    return dict(state)


class _OrderedDict(dict[Any, Any]):
    """Stands for ``collections.OrderedDict``; ignores the attributes that torch attaches to it."""

    def __setstate__(self, _state: object) -> None:
        pass


class _Storages:
    """The raw files of an archive, read on demand."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        pickles = [name for name in self._sizes if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(pickles) != 1:
            raise WeightsError("it is a zip file, but not one that torch.save writes.")
        if sum(self._sizes.values()) > MAX_STORAGE_BYTES or self._sizes[pickles[0]] > MAX_PICKLE_BYTES:
            raise WeightsError("it unpacks to more than any of the published networks needs.")
        self._root = pickles[0].removesuffix("data.pkl")
        if self._read("byteorder", b"little") != b"little":
            raise WeightsError("its tensors are big-endian.")

    def _read(self, name: str, default: bytes | None = None) -> bytes:
        if default is not None and self._root + name not in self._sizes:
            return default
        return self._archive.read(self._root + name)

    def pickle(self) -> bytes:
        return self._read("data.pkl")

    def storage(self, key: str, dtype: np.dtype[Any]) -> NDArray[Any]:
        return np.frombuffer(self._read(f"data/{key}"), dtype)


class _StateDictUnpickler(pickle.Unpickler):
    def __init__(self, storages: _Storages) -> None:
        super().__init__(io.BytesIO(storages.pickle()))
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise WeightsError(f"its pickle asks for {module}.{name}, which is no part of a state dict.") from None

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        match pid:
            case ("storage", str(kind), str(key), _, int(count)) if kind in _STORAGE_DTYPES:
                storage = self._storages.storage(key, _STORAGE_DTYPES[kind])
            case _:
                raise WeightsError("its pickle refers to an unknown kind of storage.")
        if storage.size != count:
            raise WeightsError(f"storage {key} holds {storage.size} numbers instead of {count}.")
        return storage


def _rebuild_tensor(storage: Any, offset: Any, shape: Any, stride: Any, *_unused: object) -> NDArray[np.float32]:
    """A contiguous copy of a strided view (in elements); refuses views that reach outside the storage."""
    if not isinstance(storage, np.ndarray) or len(shape) != len(stride):
        raise WeightsError("a tensor's description is malformed.")
    if any(not isinstance(number, int) or number < 0 for number in (offset, *shape, *stride)):
        raise WeightsError("a tensor's shape, stride or offset is not a natural number.")
    count = math.prod(shape)
    last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    if count > storage.size or (count > 0 and last >= storage.size):
        raise WeightsError(f"a tensor of shape {shape} reaches outside its storage.")
    steps = [step * storage.itemsize for step in stride]
    view = np.lib.stride_tricks.as_strided(storage[offset:], shape, steps, writeable=False)
    return np.array(view, np.float32, order="C")


def _rebuild_parameter(tensor: NDArray[np.float32], *_unused: object) -> NDArray[np.float32]:
    return tensor


class _Admitted:
    """A callable that a pickle may call but, unlike a function or a class, not change."""

    __slots__ = ("_build",)

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build

    def __call__(self, *arguments: Any) -> Any:
        return self._build(*arguments)

    def __setstate__(self, _state: object) -> None:
        raise WeightsError("its pickle tries to change the reader.")


_STORAGE_DTYPES: Final[dict[str, np.dtype[Any]]] = {"FloatStorage": np.dtype("<f4"), "HalfStorage": np.dtype("<f2")}
_ADMITTED: Final[dict[tuple[str, str], _Admitted | str]] = {
    ("collections", "OrderedDict"): _Admitted(_OrderedDict),
    ("torch._utils", "_rebuild_tensor_v2"): _Admitted(_rebuild_tensor),
    ("torch._utils", "_rebuild_parameter"): _Admitted(_rebuild_parameter),
    **{("torch", kind): kind for kind in _STORAGE_DTYPES},
}
