"""A small, safe reader of weight archives written by ``torch.save``.

Such an archive is a zip of one pickle, ``<root>/data.pkl``, that describes the tensors, and one raw little-endian
file per storage, ``<root>/data/<key>``. Unpickling arbitrary globals would run arbitrary code, so this reader admits
only the few names that a state dict needs and maps each to a function of its own. Torch is never imported.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
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
"""Of a whole archive, and of the tensors made of it. The largest published file has 130 MB."""
FETCH_ADVICE: Final = "`kuchipaku models fetch` gets the published weights."
OWN_ADVICE: Final = "Get the file once more from where it came from."
_MAX_DIMENSIONS: Final = 8


def read_state_dict(path: Path, advice: str = FETCH_ADVICE) -> StateDict:
    """Read the tensors of a ``.pt`` archive.

    Args:
        path: a zip archive as ``torch.save(module.state_dict(), path)`` writes it.
        advice: what to do about a bad file, for the message of the error.

    Returns:
        every tensor as float32 (half precision is widened).

    Raises:
        WeightsError: the file is missing, truncated or corrupt, asks for code or for more memory than any of the
            published networks, or holds something else than tensors.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        raise WeightsError(f"There are no weights at {path}. {advice}") from None
    except WeightsError as error:
        raise WeightsError(f"{path.name} cannot be used: {error} {advice}") from error
    except Exception as error:  # a damaged pickle or zip can raise nearly anything
        raise WeightsError(f"{path.name} is damaged ({error}). {advice}") from error


def _read(path: Path) -> StateDict:
    archive_bytes = path.stat().st_size
    if archive_bytes > MAX_STORAGE_BYTES:
        raise WeightsError("it is larger than any of the published networks.")
    with zipfile.ZipFile(path) as archive:
        return _checked(_StateDictUnpickler(_Storages(archive, archive_bytes)).load())


def _checked(state: object) -> StateDict:
    if not isinstance(state, Mapping):
        raise WeightsError("it holds no state dict.")
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, np.ndarray):
            raise WeightsError(f"it holds something else than named tensors: {name!r:.80}.")
    return dict(state)


class _OrderedDict(dict[Any, Any]):
    """Stands for ``collections.OrderedDict``, always empty at first; ignores what torch attaches to it."""

    def __init__(self) -> None:
        super().__init__()

    def __setstate__(self, _state: object) -> None:
        pass


class _Storages:
    """The raw files of an archive, each read on demand and once."""

    def __init__(self, archive: zipfile.ZipFile, archive_bytes: int) -> None:
        self._archive = archive
        entries = archive.infolist()
        self._sizes = {entry.filename: entry.file_size for entry in entries}
        pickles = [name for name in self._sizes if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(pickles) != 1 or any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise WeightsError("it is a zip file, but not one that torch.save writes.")
        total_bytes = sum(max(entry.file_size, entry.compress_size) for entry in entries)
        if total_bytes > MAX_STORAGE_BYTES or self._sizes[pickles[0]] > MAX_PICKLE_BYTES:
            raise WeightsError("it unpacks to more than any of the published networks needs.")
        if total_bytes > archive_bytes:
            raise WeightsError("its parts are larger than the whole.")
        self._root = pickles[0].removesuffix("data.pkl")
        if self._read("byteorder", b"little") != b"little":
            raise WeightsError("its tensors are big-endian.")
        self._read_already: dict[tuple[str, np.dtype[Any]], NDArray[Any]] = {}

    def _read(self, name: str, default: bytes | None = None) -> bytes:
        if default is not None and self._root + name not in self._sizes:
            return default
        return self._archive.read(self._root + name)

    def pickle(self) -> bytes:
        return self._read("data.pkl")

    def storage(self, key: str, dtype: np.dtype[Any]) -> NDArray[Any]:
        if (key, dtype) not in self._read_already:
            self._read_already[key, dtype] = np.frombuffer(self._read(f"data/{key}"), dtype)
        return self._read_already[key, dtype]


class _StateDictUnpickler(pickle.Unpickler):
    def __init__(self, storages: _Storages) -> None:
        pickled = storages.pickle()
        _check_memory(pickled)
        super().__init__(io.BytesIO(pickled))
        self._storages = storages
        self._admitted: dict[tuple[str, str], _Admitted | str] = {
            ("collections", "OrderedDict"): _Admitted(_OrderedDict),
            ("torch._utils", "_rebuild_tensor_v2"): _Admitted(_Tensors().rebuild),
            ("torch._utils", "_rebuild_parameter"): _Admitted(_rebuild_parameter),
            **{("torch", kind): kind for kind in _STORAGE_DTYPES},
        }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._admitted[module, name]
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


def _check_memory(pickled: bytes) -> None:
    """Refuse a pickle that numbers what it remembers absurdly high: Python makes room for as many objects."""
    for operation, argument, _ in pickletools.genops(pickled):
        if operation.name in ("PUT", "LONG_BINPUT") and int(argument or 0) > len(pickled):
            raise WeightsError("its pickle asks for absurdly much memory.")


class _Tensors:
    """Makes tensors of storages, up to a total size: many tensors may share one storage."""

    def __init__(self) -> None:
        self._bytes_left = MAX_STORAGE_BYTES

    def rebuild(self, storage: Any, offset: Any, shape: Any, stride: Any, *_unused: object) -> NDArray[np.float32]:
        """A contiguous copy of a strided view (in elements); refuses views that reach outside the storage."""
        if not isinstance(storage, np.ndarray) or len(shape) != len(stride) or len(shape) > _MAX_DIMENSIONS:
            raise WeightsError("a tensor's description is malformed.")
        if any(not isinstance(number, int) or number < 0 for number in (offset, *shape, *stride)):
            raise WeightsError("a tensor's shape, stride or offset is not a natural number.")
        count = math.prod(shape)
        last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
        if count > storage.size or (count > 0 and last >= storage.size):
            raise WeightsError(f"a tensor of shape {shape} reaches outside its storage.")
        self._bytes_left -= 4 * count
        if self._bytes_left < 0:
            raise WeightsError("its tensors take more memory than any of the published networks needs.")
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
