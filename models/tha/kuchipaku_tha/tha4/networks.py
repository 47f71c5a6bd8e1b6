"""The two networks of a THA4 student in torch (extra ``teacher``), for reference, export and GPUs.

Written from the architecture of Pramook Khungurn, "Talking Head(?) Anime from a Single Image 4"; the module names
follow the published state dicts. Both are sinusoidal networks (SIREN, Sitzmann et al. 2020) that know one character by
heart: they are asked for every position of the picture what is there in a pose. Images are batches in linear light
whose colour is multiplied by alpha, four planes R, G, B, A, each scaled from [0, 1] to [-1, 1]; the grid change is a
displacement of sampling positions of shape (n, 2, height, width), x then y, in units of half the picture.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from kuchipaku_tha.networks import IMAGE_CHANNELS, blend, pixel_centres, warp

FREQUENCY: Final = 30.0
"""What every sine's argument is multiplied by."""

FACE_SIZE_PX: Final = 128
FACE_POSE_SIZE: Final = 39
BODY_POSE_SIZE: Final = 45
BODY_LEVELS: Final = ((128, 360), (256, 180), (512, 90))
"""Size in px and channels of each level of the body morpher."""


class _Linear(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.linear = nn.Conv2d(in_channels, out_channels, 1)
        bound = (6 / in_channels) ** 0.5 / FREQUENCY
        nn.init.uniform_(self.linear.weight, -bound, bound)

    def weight_and_bias(self) -> tuple[Tensor, Tensor]:
        """With the frequency in them: multiplying a feature instead would cost as much as a sine."""
        weight, bias = (FREQUENCY * parameter for parameter in self.linear.parameters())
        return weight, bias


class SineLayer(_Linear):
    """A pointwise linear layer and a sine."""

    def forward(self, feature: Tensor) -> Tensor:
        """The same size, in [-1, 1]."""
        return torch.sin(functional.conv2d(feature, *self.weight_and_bias()))


class EntranceLayer(_Linear):
    """A sine layer on a feature of another size, the position, and the pose, which is the same everywhere."""

    def __init__(self, feature_channels: int, pose_size: int, out_channels: int, size_px: int) -> None:
        super().__init__(feature_channels + 2 + pose_size, out_channels)
        self.feature_channels = feature_channels
        self.size_px = size_px

    def forward(self, pose: Tensor, feature: Tensor | None = None) -> Tensor:
        """From the pose (n, pose_size) and the feature resized, (n, out_channels, size_px, size_px).

        A pointwise linear layer and bilinear interpolation may change places, and the pose adds the same at every
        position, x the same to every row, y to every column: so each is computed where it is small.
        """
        weight, bias = self.weight_and_bias()
        at = self.feature_channels
        of_feature, of_x, of_y, of_pose = weight[:, :at], weight[:, at], weight[:, at + 1], weight[:, at + 2 :]
        centres = pixel_centres(self.size_px, pose.device)
        by_pose = functional.conv2d(pose[:, :, None, None], of_pose, bias)
        by_x, by_y = of_x[None] * centres, of_y[None] * centres[:, None]
        if feature is None:
            return torch.sin((by_pose + by_x) + by_y)
        size = (self.size_px, self.size_px)
        by_feature = functional.interpolate(functional.conv2d(feature, of_feature), size, mode="bilinear")
        return torch.sin(by_feature + (by_pose + by_x) + by_y)


class _Siren(nn.Module):
    def __init__(self, entrance: EntranceLayer, width: int, sine_layers: int, out_channels: int) -> None:
        super().__init__()
        self.sine_layers = nn.ModuleList([entrance])
        self.sine_layers.extend(SineLayer(width, width) for _ in range(sine_layers - 1))
        self.last_linear = nn.Conv2d(width, out_channels, 1)

    def forward(self, pose: Tensor) -> Tensor:
        feature = pose
        for layer in self.sine_layers:
            feature = layer(feature)
        image: Tensor = self.last_linear(feature)
        return image


class FaceMorpher(nn.Module):
    """Draws the face."""

    def __init__(self) -> None:
        super().__init__()
        self.siren = _Siren(EntranceLayer(0, FACE_POSE_SIZE, 128, FACE_SIZE_PX), 128, 8, IMAGE_CHANNELS)

    def forward(self, pose: Tensor) -> Tensor:
        """The face (n, 4, 128, 128) in the pose (n, 39)."""
        face: Tensor = self.siren(pose)
        return face


class _Level(nn.Sequential):
    def forward(self, pose: Tensor, feature: Tensor | None = None) -> Tensor:
        entrance, *layers = self
        level: Tensor = entrance(pose, feature)
        for layer in layers:
            level = layer(level)
        return level


class BodyMorpher(nn.Module):
    """Turns head and body, from coarse to fine."""

    def __init__(self) -> None:
        super().__init__()
        widths = [width for _, width in BODY_LEVELS]
        self.siren_layers = nn.ModuleList(
            _Level(
                EntranceLayer(width if level else 0, BODY_POSE_SIZE, width, size_px),
                SineLayer(width, width),
                SineLayer(width, following),
            )
            for level, ((size_px, width), following) in enumerate(
                zip(BODY_LEVELS, [*widths[1:], widths[-1]], strict=True)
            )
        )
        self.last_linear = nn.Conv2d(widths[-1], 2 + 1 + IMAGE_CHANNELS, 1)

    def forward(self, image: Tensor, pose: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The picture with the morphed face (n, 4, 512, 512) in the pose (n, 45).

        Returns:
            the final picture, the grid change, the image warped by it, and how far colour was replaced (n, 1).
        """
        feature = None
        for level in self.siren_layers:
            feature = level(pose, feature)
        grid_change, alpha, colour = self.last_linear(feature).split([2, 1, IMAGE_CHANNELS], dim=1)
        warped = warp(image, grid_change)
        return blend(alpha, colour, warped), grid_change, warped, alpha
