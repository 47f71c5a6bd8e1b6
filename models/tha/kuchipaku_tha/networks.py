"""THA3's five networks in torch (extra ``teacher``), for reference, export and GPUs.

Written from the architecture of Pramook Khungurn, "Talking Head(?) Anime from a Single Image 3"; the module names
follow the published state dicts. Images are batches of :data:`~kuchipaku_tha.colour.LinearImage`, poses are batches of
the part of the pose vector that a network uses, and a grid change is a displacement of sampling positions of shape
(n, 2, height, width), x then y, in units of half the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

IMAGE_CHANNELS = 4
BOTTLENECK_BLOCKS = 6


@dataclass(frozen=True, slots=True)
class Blocks:
    """How the convolutional blocks of a network are built.

    Attributes:
        separable: every convolution is a depthwise one and a pointwise one that mixes its channels.
        slope: of the rectifiers for negative values.
        halving_slope: the same in the blocks that halve the size.
    """

    separable: bool
    slope: float = 0.0
    halving_slope: float = 0.0

    def block(self, in_channels: int, out_channels: int, kernel: int = 3) -> nn.Sequential:
        """A convolution at the same size, normalized and rectified."""
        return self._finished(self._convolution(in_channels, out_channels, kernel, 1), out_channels, self.slope)

    def halving(self, in_channels: int, out_channels: int) -> nn.Sequential:
        """A block at half the size."""
        return self._finished(self._convolution(in_channels, out_channels, 4, 2), out_channels, self.halving_slope)

    def doubling(self, in_channels: int, out_channels: int) -> nn.Sequential:
        """A block at double the size, by a transposed convolution."""
        convolution = self._convolution(in_channels, out_channels, 4, 2, nn.ConvTranspose2d)
        return self._finished(convolution, out_channels, self.slope)

    def residual_path(self, channels: int) -> nn.Sequential:
        """Two convolutions, to be added to what they read."""
        return nn.Sequential(
            _whole(self._convolution(channels, channels, 3, 1)),
            nn.InstanceNorm2d(channels, affine=True),
            _rectifier(self.slope),
            _whole(self._convolution(channels, channels, 3, 1)),
            nn.InstanceNorm2d(channels, affine=True),
        )

    def _convolution(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int,
        kind: type[nn.Conv2d | nn.ConvTranspose2d] = nn.Conv2d,
    ) -> list[nn.Module]:
        padding = (kernel - 1) // 2
        if not self.separable:
            return [kind(in_channels, out_channels, kernel, stride, padding, bias=False)]
        return [
            kind(in_channels, in_channels, kernel, stride, padding, groups=in_channels, bias=False),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
        ]

    @staticmethod
    def _finished(convolution: list[nn.Module], channels: int, slope: float) -> nn.Sequential:
        return nn.Sequential(*convolution, nn.InstanceNorm2d(channels, affine=True), _rectifier(slope))


def _whole(convolution: list[nn.Module]) -> nn.Module:
    return convolution[0] if len(convolution) == 1 else nn.Sequential(*convolution)


def _rectifier(slope: float) -> nn.Module:
    return nn.LeakyReLU(slope) if slope else nn.ReLU()


class _Residual(nn.Module):
    def __init__(self, channels: int, blocks: Blocks) -> None:
        super().__init__()
        self.resnet_path = blocks.residual_path(channels)

    def forward(self, feature: Tensor) -> Tensor:
        path: Tensor = self.resnet_path(feature)
        return feature + path


class _Trunk(nn.Module):
    """What every network begins with: an entrance, three halvings and six blocks at an eighth of the size.

    Args:
        in_channels: of the input.
        width: channels after the entrance; each halving doubles them.
        blocks: how they are built.
        kernel: size of the entrance's convolution.
        pose_size: values joined to the feature at the bottleneck by a block of their own; None joins none and makes
            all six blocks residual.
    """

    def __init__(
        self, in_channels: int, width: int, blocks: Blocks, *, kernel: int = 3, pose_size: int | None = None
    ) -> None:
        super().__init__()
        self.widths = [width << level for level in range(4)]
        self.downsample_blocks = nn.ModuleList([blocks.block(in_channels, width, kernel)])
        self.downsample_blocks.extend(blocks.halving(channels, 2 * channels) for channels in self.widths[:-1])
        deepest = self.widths[-1]
        self.bottleneck_blocks = nn.ModuleList(_Residual(deepest, blocks) for _ in range(BOTTLENECK_BLOCKS))
        if pose_size is not None:
            self.bottleneck_blocks[0] = blocks.block(deepest + pose_size, deepest)

    def levels(self, image: Tensor, pose: Tensor | None = None) -> list[Tensor]:
        """The feature at full, half, quarter and eighth size; the last one has passed the bottleneck."""
        features = []
        for block in self.downsample_blocks:
            image = block(image)
            features.append(image)
        bottleneck = features.pop() if pose is None else _join(features.pop(), pose)
        for block in self.bottleneck_blocks:
            bottleneck = block(bottleneck)
        return [*features, bottleneck]


class EncoderDecoder(_Trunk):
    """A trunk that grows back by transposed convolutions."""

    def __init__(self, in_channels: int, width: int, blocks: Blocks, pose_size: int) -> None:
        super().__init__(in_channels, width, blocks, pose_size=pose_size)
        self.upsample_blocks = nn.ModuleList(
            blocks.doubling(2 * channels, channels) for channels in reversed(self.widths[:-1])
        )

    def forward(self, image: Tensor, pose: Tensor | None = None) -> Tensor:
        """The feature at the size of the image, of shape (n, width, height, width)."""
        feature = self.levels(image, pose)[-1]
        for block in self.upsample_blocks:
            feature = block(feature)
        return feature


class ResizingEncoderDecoder(_Trunk):
    """A trunk that grows back by repeating pixels."""

    def __init__(self, in_channels: int, width: int, blocks: Blocks, *, kernel: int) -> None:
        super().__init__(in_channels, width, blocks, kernel=kernel)
        self.upsample_blocks = nn.ModuleList(
            nn.Sequential(nn.Upsample(scale_factor=2), blocks.block(2 * channels, channels))
            for channels in reversed(self.widths[:-1])
        )

    def forward(self, image: Tensor) -> Tensor:
        """The feature at the size of the image."""
        feature = self.levels(image)[-1]
        for block in self.upsample_blocks:
            feature = block(feature)
        return feature


class UNet(_Trunk):
    """A trunk that grows back by repeating pixels, each level joined by the feature of its size on the way down."""

    def __init__(self, in_channels: int, width: int, blocks: Blocks) -> None:
        super().__init__(in_channels, width, blocks)
        self.upsample_blocks = nn.ModuleList(
            blocks.block(3 * channels, channels) for channels in reversed(self.widths[:-1])
        )

    def forward(self, image: Tensor) -> Tensor:
        """The feature at the size of the image."""
        *skipped, feature = self.levels(image)
        for block, skip in zip(self.upsample_blocks, reversed(skipped), strict=True):
            feature = block(torch.cat([functional.interpolate(feature, scale_factor=2), skip], dim=1))
        return feature


def _alpha_head(width: int, channels: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, channels, 3, padding=1), nn.Sigmoid())


def _colour_head(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, IMAGE_CHANNELS, 3, padding=1), nn.Tanh())


def _grid_head(width: int) -> nn.Conv2d:
    return nn.Conv2d(width, 2, 3, padding=1, bias=False)


def _join(feature: Tensor, pose: Tensor) -> Tensor:
    """The feature with every pose value as a constant plane behind it."""
    return torch.cat([feature, pose[:, :, None, None].expand(-1, -1, *feature.shape[2:])], dim=1)


def blend(alpha: Tensor, over: Tensor, under: Tensor) -> Tensor:
    """One image over another, alpha in [0, 1]."""
    return over * alpha + under * (1 - alpha)


def warp(image: Tensor, grid_change: Tensor) -> Tensor:
    """Sample the image bilinearly where the grid change points; outside, its border continues."""
    height, width = image.shape[2:]
    x = grid_change[:, 0] + pixel_centres(width, image.device)
    y = grid_change[:, 1] + pixel_centres(height, image.device)[:, None]
    grid = torch.stack([x, y], dim=-1)
    return functional.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)


def pixel_centres(count: int, device: torch.device) -> Tensor:
    """Centres of a row of pixels, the row reaching from -1 to 1."""
    return torch.linspace(-1, 1, count, device=device) * (count - 1) / count


class EyebrowDecomposer(nn.Module):
    """Takes the eyebrows off a face."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self.body = EncoderDecoder(IMAGE_CHANNELS, 64, blocks, pose_size=0)
        self.background_layer_alpha = _alpha_head(64)
        self.background_layer_color_change = _colour_head(64)
        self.eyebrow_layer_alpha = _alpha_head(64)
        self.eyebrow_layer_color_change = _colour_head(64)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The face without eyebrows and the eyebrows alone, each of the image's shape (n, 4, 128, 128)."""
        feature = self.body(image)
        background = blend(self.background_layer_alpha(feature), self.background_layer_color_change(feature), image)
        eyebrows = blend(self.eyebrow_layer_alpha(feature), image, self.eyebrow_layer_color_change(feature))
        return background, eyebrows


class EyebrowMorphingCombiner(nn.Module):
    """Moves the eyebrows and puts them back on the face."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self.body = EncoderDecoder(2 * IMAGE_CHANNELS, 64, blocks, pose_size=12)
        self.morphed_eyebrow_layer_grid_change = _grid_head(64)
        self.morphed_eyebrow_layer_alpha = _alpha_head(64)
        self.morphed_eyebrow_layer_color_change = _colour_head(64)
        self.combine_alpha = _alpha_head(64)  # published with the rest; its output is not used

    def forward(self, background: Tensor, eyebrows: Tensor, pose: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The face with its eyebrows in the pose (n, 12), its alpha as it was, and what the eyebrows are made of.

        Returns:
            the face (n, 4, 128, 128); then of the eyebrow layer the grid change (n, 2, ...), the new colour
            (n, 4, ...) and how far it replaces the warped layer (n, 1, ...).
        """
        feature = self.body(torch.cat([background, eyebrows], dim=1), pose)
        grid_change = self.morphed_eyebrow_layer_grid_change(feature)
        color_change = self.morphed_eyebrow_layer_color_change(feature)
        alpha = self.morphed_eyebrow_layer_alpha(feature)
        morphed = blend(alpha, color_change, warp(eyebrows, grid_change))
        colour = blend((morphed[:, 3:] + 1) / 2, morphed[:, :3], background[:, :3])
        return torch.cat([colour, background[:, 3:]], dim=1), grid_change, color_change, alpha


class FaceMorpher(nn.Module):
    """Moves eyes, irises and mouth."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self.body = EncoderDecoder(IMAGE_CHANNELS, 64, blocks, pose_size=27)
        self.iris_mouth_grid_change = _grid_head(64)
        self.iris_mouth_color_change = _colour_head(64)
        self.iris_mouth_alpha = _alpha_head(64)
        self.eye_color_change = _colour_head(64)
        self.eye_alpha = _alpha_head(64)

    def forward(self, image: Tensor, pose: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """The face (n, 4, 192, 192) in the pose (n, 27), and what it is made of.

        Returns:
            the face; then, for irises and mouth, the grid change (n, 2, ...), the new colour (n, 4, ...) and how far
            it replaces the warped face (n, 1, ...); then, for the eyes, the new colour (n, 4, ...) and how far it
            replaces all that (n, 1, ...).
        """
        feature = self.body(image, pose)
        grid_change = self.iris_mouth_grid_change(feature)
        color_change, alpha = self.iris_mouth_color_change(feature), self.iris_mouth_alpha(feature)
        eye_color_change, eye_alpha = self.eye_color_change(feature), self.eye_alpha(feature)
        mouth_moved = blend(alpha, color_change, warp(image, grid_change))
        morphed = blend(eye_alpha, eye_color_change, mouth_moved)
        return morphed, grid_change, color_change, alpha, eye_color_change, eye_alpha


class FaceBodyRotator(nn.Module):
    """Finds at half size how head and body turn."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self.encoder_decoder = ResizingEncoderDecoder(IMAGE_CHANNELS + 6, 64, blocks, kernel=7)
        self.direct_creator = _colour_head(64)  # published with the rest; its output is not used
        self.grid_change_creator = _grid_head(64)

    def forward(self, image: Tensor, pose: Tensor) -> tuple[Tensor, Tensor]:
        """The image (n, 4, 512, 512) turned into the pose (n, 6), coarsely, and the grid change that does it."""
        half = _resize(image, 0.5)
        grid_change = self.grid_change_creator(self.encoder_decoder(_join(half, pose)))
        return _resize(warp(half, grid_change), 2), _resize(grid_change, 2)


def _resize(image: Tensor, factor: float) -> Tensor:
    return functional.interpolate(image, scale_factor=factor, mode="bilinear", align_corners=False)


class Editor(nn.Module):
    """Refines the turned picture at full size."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self.body = UNet(2 * IMAGE_CHANNELS + 2 + 6, 32, blocks)
        self.color_change_creator = _colour_head(32)
        self.alpha_creator = _alpha_head(32, IMAGE_CHANNELS)
        self.grid_change_creator = _grid_head(32)

    def forward(
        self, image: Tensor, coarse: Tensor, coarse_grid_change: Tensor, pose: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The final picture, the final grid change, the image warped by it, and how far colour was replaced (n, 4)."""
        feature = self.body(_join(torch.cat([image, coarse, coarse_grid_change], dim=1), pose))
        grid_change = coarse_grid_change + self.grid_change_creator(feature)
        alpha = self.alpha_creator(feature)
        warped = warp(image, grid_change)
        return blend(alpha, self.color_change_creator(feature), warped), grid_change, warped, alpha
