from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuchipaku_tha.errors import WeightsError
from kuchipaku_tha.weights import read_state_dict
from tests.tha.archives import archive, dict_pickle, state_dict_archive, tensor_pickle

NUMBERS = np.arange(24, dtype=np.float32)
SOUND = state_dict_archive({"weight": NUMBERS.reshape(2, 12), "bias": NUMBERS[:2].copy()})


def read(tmp_path: Path, content: bytes) -> dict[str, np.ndarray]:
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    return dict(read_state_dict(path))


def one_tensor(tensor: bytes, storage: bytes = NUMBERS.tobytes()) -> bytes:
    return archive(dict_pickle({"w": tensor}), {"0": storage})


def test_reads_named_tensors(tmp_path: Path) -> None:
    tensors = {"a.weight": NUMBERS.reshape(2, 3, 4), "a.bias": NUMBERS[:5].copy()}
    state = read(tmp_path, state_dict_archive(tensors))
    assert list(state) == list(tensors)
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(state[name], tensor)


def test_honours_offset_and_stride(tmp_path: Path) -> None:
    state = read(tmp_path, one_tensor(tensor_pickle("0", 24, (4, 3), (1, 4), offset=12)))
    np.testing.assert_array_equal(state["w"], NUMBERS[12:].reshape(3, 4).T)
    assert state["w"].flags.c_contiguous


def test_widens_half_precision(tmp_path: Path) -> None:
    tensor = tensor_pickle("0", 24, (24,), (1,), storage="HalfStorage")
    state = read(tmp_path, one_tensor(tensor, NUMBERS.astype("<f2").tobytes()))
    assert state["w"].dtype == np.float32
    np.testing.assert_array_equal(state["w"], NUMBERS)


@pytest.mark.torch
def test_reads_what_torch_writes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
    shared = torch.randn(6, 8)
    state = {"parameter": torch.nn.Parameter(shared), "view": shared[2:, ::3].T, "half": shared.half()}
    torch.save(state, tmp_path / "state.pt")
    read_back = read_state_dict(tmp_path / "state.pt")
    for name, tensor in state.items():
        np.testing.assert_array_equal(read_back[name], tensor.detach().float().numpy())


@pytest.mark.torch
@pytest.mark.teacher
def test_reads_the_published_weights_as_torch_does(weights_folder: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
    for path in weights_folder.glob("*.pt"):
        wanted = torch.load(path, weights_only=True)
        state = read_state_dict(path)
        assert list(state) == list(wanted)
        assert all(np.array_equal(state[name], wanted[name].numpy()) for name in wanted)


@pytest.mark.parametrize(
    "pickled",
    [
        pytest.param(b"cos\nsystem\n(S'touch {canary}'\ntR.", id="os.system"),
        pytest.param(b'cbuiltins\neval\n(S\'open("{canary}", "w")\'\ntR.', id="eval"),
        pytest.param(b"cposix\nsystem\n(S'touch {canary}'\ntR.", id="posix.system"),
        pytest.param(b"(S'touch {canary}'\nios\nsystem\n.", id="os.system by INST"),
    ],
)
def test_runs_no_code(pickled: bytes, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    with pytest.raises(WeightsError, match="no part of a state dict"):
        read(tmp_path, archive(pickled.replace(b"{canary}", str(canary).encode()), {}))
    assert not canary.exists()


def test_a_pickle_cannot_change_the_reader(tmp_path: Path) -> None:
    change = b"ctorch._utils\n_rebuild_tensor_v2\n(dS'_build'\nNsb."
    with pytest.raises(WeightsError, match="change the reader"):
        read(tmp_path, archive(change, {}))


@pytest.mark.parametrize(
    ("tensor", "complaint"),
    [
        (tensor_pickle("0", 24, (25,), (1,)), "outside its storage"),
        (tensor_pickle("0", 24, (2,), (24,)), "outside its storage"),
        (tensor_pickle("0", 24, (4,), (1,), offset=21), "outside its storage"),
        (tensor_pickle("0", 24, (1 << 40,), (0,)), "outside its storage"),
        (tensor_pickle("0", 24, (4,), (-1,), offset=4), "natural number"),
        (tensor_pickle("0", 24, (4,), (1,), offset=-4), "natural number"),
        (tensor_pickle("0", 24, (4, 1), (1,)), "malformed"),
        (tensor_pickle("0", 25, (4,), (1,)), "24 numbers instead of 25"),
        (tensor_pickle("1", 24, (4,), (1,)), "damaged"),
        (tensor_pickle("0", 24, (4,), (1,), storage="DoubleStorage"), "no part of a state dict"),
        (b"I1\n", "something else than named tensors"),
    ],
)
def test_refuses_tensors_that_do_not_fit(tensor: bytes, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=complaint) as caught:
        read(tmp_path, one_tensor(tensor))
    assert "kuchipaku models fetch" in str(caught.value)


@pytest.mark.parametrize("remember", [b"p200000000\n", b"r\x00\x00\x00\x10"])
def test_a_pickle_cannot_make_python_reserve_memory(remember: bytes, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="absurdly much memory"):
        read(tmp_path, archive(b"N" + remember + b".", {}))


def test_refuses_compressed_archives(tmp_path: Path) -> None:
    megabytes = np.zeros(1 << 20, np.float32)
    tensor = tensor_pickle("0", megabytes.size, megabytes.shape, (1,))
    bomb = archive(dict_pickle({"w": tensor}), {"0": megabytes.tobytes()}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 10_000
    with pytest.raises(WeightsError, match=r"not one that torch\.save writes"):
        read(tmp_path, bomb)


def test_refuses_parts_that_declare_more_than_the_file_has(tmp_path: Path) -> None:
    sound = one_tensor(tensor_pickle("0", 24, (24,), (1,)))
    size, declared = (96).to_bytes(4, "little"), (1 << 27).to_bytes(4, "little")
    assert sound.count(size * 2) == 2
    with pytest.raises(WeightsError, match="larger than the whole"):
        read(tmp_path, sound.replace(size * 2, declared * 2))
    with pytest.raises(WeightsError, match="more than any of the published networks"):
        read(tmp_path, sound.replace(size * 2, (1 << 30).to_bytes(4, "little") * 2))


def test_refuses_many_tensors_of_one_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = np.zeros(4096, np.float32)
    tensor = tensor_pickle("0", storage.size, storage.shape, (1,))
    content = archive(dict_pickle({f"w{index}": tensor for index in range(10)}), {"0": storage.tobytes()})
    assert len(read(tmp_path, content)) == 10
    monkeypatch.setattr("kuchipaku_tha.weights.MAX_STORAGE_BYTES", 9 * storage.nbytes)
    with pytest.raises(WeightsError, match="take more memory"):
        read(tmp_path, content)


def test_refuses_a_file_larger_than_any_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kuchipaku_tha.weights.MAX_STORAGE_BYTES", 100)
    with pytest.raises(WeightsError, match="larger than any of the published networks"):
        read(tmp_path, state_dict_archive({"w": NUMBERS}))


def test_a_pickle_cannot_copy_dictionaries(tmp_path: Path) -> None:
    copies = b"(dp0\nS'key'\nI1\ns0" + b"ccollections\nOrderedDict\n(g0\ntR" * 2 + b"."
    with pytest.raises(WeightsError, match="damaged"):
        read(tmp_path, archive(copies, {}))


def test_refuses_truncated_and_foreign_files(tmp_path: Path) -> None:
    sound = state_dict_archive({"w": NUMBERS})
    cut = sound[: len(sound) // 2]
    flipped = sound.replace(NUMBERS.tobytes(), NUMBERS[::-1].tobytes())
    foreign = archive(b"", {}).replace(b"data.pkl", b"data.txt")
    for content in (cut, flipped, foreign, b"", b"<html>not found</html>", archive(b"]" + b".", {})):
        with pytest.raises(WeightsError, match="kuchipaku models fetch"):
            read(tmp_path, content)


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_file_gives_tensors_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(SOUND)
    for position, value in changes:
        content[position] = value
    try:
        state = read(tmp_path_factory.getbasetemp(), bytes(content))
    except WeightsError:
        return
    assert all(tensor.dtype == np.float32 for tensor in state.values())


def test_absent_file_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no weights at .*kuchipaku models fetch"):
        read_state_dict(tmp_path / "absent.pt")
