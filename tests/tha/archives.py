"""Weight archives as ``torch.save`` writes them, put together by hand so that they can be wrong in chosen ways."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def tensor_pickle(
    key: str,
    count: int,
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    offset: int = 0,
    storage: str = "FloatStorage",
) -> bytes:
    """Opcodes (text protocol) that rebuild one tensor from the storage ``data/<key>`` of ``count`` numbers."""
    pid = f"(S'storage'\nctorch\n{storage}\nS'{key}'\nS'cpu'\nI{count}\ntQ"
    view = f"I{offset}\n{_tuple_pickle(shape)}{_tuple_pickle(stride)}"
    return f"ctorch._utils\n_rebuild_tensor_v2\n({pid}{view}I00\nccollections\nOrderedDict\n)RtR".encode()


def dict_pickle(items: Mapping[str, bytes]) -> bytes:
    """A whole pickle of an OrderedDict whose values are given as opcodes."""
    entries = b"".join(b"S'%s'\n%ss" % (name.encode(), value) for name, value in items.items())
    return b"ccollections\nOrderedDict\n)R" + entries + b"."


def archive(pickled: bytes, storages: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """The zip around a pickle and its storages."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        file.writestr("archive/data.pkl", pickled)
        for key, content in storages.items():
            file.writestr(f"archive/data/{key}", content)
        file.writestr("archive/version", "3\n")
    return buffer.getvalue()


def state_dict_archive(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """A sound archive of contiguous float32 tensors."""
    pickles, storages = {}, {}
    for key, (name, tensor) in enumerate(tensors.items()):
        stride = tuple(step // tensor.itemsize for step in tensor.strides)
        pickles[name] = tensor_pickle(str(key), tensor.size, tensor.shape, stride)
        storages[str(key)] = tensor.astype(np.float32).tobytes()
    return archive(dict_pickle(pickles), storages)


def _tuple_pickle(numbers: tuple[int, ...]) -> str:
    return "(" + "".join(f"I{number}\n" for number in numbers) + "t"
