from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kuchipaku_tha import graphs
from kuchipaku_tha.published import expected_shapes

torch = pytest.importorskip("torch", reason="needs torch: pip install 'kuchipaku[teacher]'")
pytestmark = pytest.mark.torch

UNUSED_HEADS = ("combine_alpha.", "direct_creator.")


def test_the_graphs_expect_the_weights_that_the_networks_have() -> None:
    from kuchipaku_tha.architectures import NETWORKS

    assert list(expected_shapes()) == list(NETWORKS)
    for key, network in NETWORKS.items():
        assert graphs.path(key).is_file()
        with torch.device("meta"):
            state = network().state_dict()
        used = {name: list(tensor.shape) for name, tensor in state.items() if not name.startswith(UNUSED_HEADS)}
        assert expected_shapes()[key] == used


def picture_of_columns() -> Any:
    return torch.arange(8.0).expand(1, 4, 8, 8).contiguous()


def test_warping_by_nothing_changes_nothing() -> None:
    from kuchipaku_tha.networks import warp

    image = torch.rand(1, 4, 12, 8)
    np.testing.assert_allclose(warp(image, torch.zeros(1, 2, 12, 8)).numpy(), image.numpy(), atol=1e-5)


def test_a_grid_change_is_in_halves_of_the_picture_and_the_border_continues() -> None:
    from kuchipaku_tha.networks import warp

    one_pixel_right = torch.zeros(1, 2, 8, 8)
    one_pixel_right[:, 0] = 2 / 8
    moved = warp(picture_of_columns(), one_pixel_right)
    np.testing.assert_allclose(moved[0, 0, 0].numpy(), [1, 2, 3, 4, 5, 6, 7, 7], atol=1e-5)
