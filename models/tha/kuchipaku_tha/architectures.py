"""Every network that there is in torch, by architecture and name (extra ``teacher``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn

from kuchipaku_tha import networks
from kuchipaku_tha.networks import Blocks
from kuchipaku_tha.tha4 import networks as tha4


def _tha3(architecture: str, morphing: Blocks, turning: Blocks) -> dict[str, Callable[[], nn.Module]]:
    return {
        f"{architecture}/eyebrow_decomposer": partial(networks.EyebrowDecomposer, morphing),
        f"{architecture}/eyebrow_morphing_combiner": partial(networks.EyebrowMorphingCombiner, morphing),
        f"{architecture}/face_morpher": partial(networks.FaceMorpher, morphing),
        f"{architecture}/two_algo_face_body_rotator": partial(networks.FaceBodyRotator, turning),
        f"{architecture}/editor": partial(networks.Editor, turning),
    }


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    **_tha3("separable", Blocks(separable=True), Blocks(separable=True, slope=0.1, halving_slope=0.1)),
    **_tha3("standard", Blocks(separable=False), Blocks(separable=False, slope=0.1)),
    "tha4/face_morpher": tha4.FaceMorpher,
    "tha4/body_morpher": tha4.BodyMorpher,
}
"""The networks by their keys; a key ends in the name of the weight file."""
