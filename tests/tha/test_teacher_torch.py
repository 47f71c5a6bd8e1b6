from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kuchipaku_tha.errors import MissingExtraError, WeightsError
from kuchipaku_tha.teacher import NETWORK_NAMES
from kuchipaku_tha.teacher_torch import TorchTeacher
from tests.tha.archives import state_dict_archive


def test_without_torch_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'kuchipaku\[teacher\]'"):
        TorchTeacher.load(tmp_path)


def test_the_default_teacher_needs_neither_torch_nor_onnx() -> None:
    check = "import sys, kuchipaku_tha.teacher; print({'torch', 'onnx'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"


@pytest.mark.torch
def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
    for name in NETWORK_NAMES:
        (tmp_path / f"{name}.pt").write_bytes(state_dict_archive({"unrelated": np.zeros(3, np.float32)}))
    with pytest.raises(WeightsError, match=r"eyebrow_decomposer\.pt lacks body"):
        TorchTeacher.load(tmp_path)
