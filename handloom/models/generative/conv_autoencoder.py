"""The classic tutorial's convolutional autoencoder: 1-16-8 channels, an 8x2x2 latent, and back."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.models.generative.dense_autoencoder import activate
from handloom.models.kernels.pool import ReLUMaxPool2d
from handloom.models.kernels.row_conv import Pick, Table, TransposedRows, places, under_kernel

SMALL = 16  # pixels, below which the stride of 3 would leave nothing to pool


class ConvEncoder(nn.Module):
    """Convolution C-16 (3x3, stride 3, padding 1), ReLU, 2x2 pool, convolution 16-8 (3x3, stride
    2, padding 1), ReLU, 2x2 pool of stride 1.

    size: (H, W, C) of the images, 8x8 at least; the first stride is 1 along a side below 16.
    forward: image (B, C, H, W) in [0, 1] to (B, D) with D = 8 * `latent_side(H)` *
    `latent_side(W)`: 32 at 28x28. The label is ignored.
    """

    def __init__(self, size: tuple[int, int, int]) -> None:
        super().__init__()
        height, width, channels = size
        self.latent_dim = 8 * latent_side(height) * latent_side(width)
        stride = (_stride(height), _stride(width))
        self.body = nn.Sequential(
            nn.Conv2d(channels, 16, 3, stride, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(16, 8, 3, 2, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 1),
            nn.Flatten(),
        )
        self.rows = _EncoderRows(self.body, size)

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        network = self.rows if image.device.type == "cpu" else self.body
        latent: Tensor = network(2 * image - 1)
        return latent


class ConvDecoder(nn.Module):
    """Transposed convolutions 8-16 (3x3, stride 2), 16-8 (5x5, stride 3, padding 1) and 8-C (2x2,
    stride 2, padding 1), ReLU between them.

    size: (H, W, C) of the images. Where the tutorial's layers would give too small an image, they
    get output padding, and the result is cropped; at 28x28 neither is needed.
    forward: latent (B, D) to logits (B, C, H, W), whose tanh is the image in [-1, 1].
    """

    def __init__(self, size: tuple[int, int, int]) -> None:
        super().__init__()
        height, width, channels = size
        self.sides, self.start = (height, width), (8, latent_side(height), latent_side(width))
        stride = (_stride(height), _stride(width))
        first, second, third = zip(_paddings(height), _paddings(width), strict=True)
        self.body = nn.Sequential(
            nn.ConvTranspose2d(8, 16, 3, 2, output_padding=first),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 5, stride, padding=1, output_padding=second),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 2, 2, padding=1, output_padding=third),
        )
        self.rows = _DecoderRows(self.body, self.start, size)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        start = latent.view(-1, *self.start)
        if latent.device.type == "cpu":
            logits: Tensor = self.rows(start)
            return logits
        maps: Tensor = self.body(start)
        return maps[:, :, : self.sides[0], : self.sides[1]]

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images float32 (B, C, H, W) in [0, 1]."""
        return activate(self(latent), "tanh")


class _EncoderRows(nn.Module):
    """The function of the encoder's body, computed over rows of pixels."""

    def __init__(self, body: nn.Sequential, size: tuple[int, int, int]) -> None:
        super().__init__()
        first, second = body[0], body[3]
        assert isinstance(first, nn.Conv2d)
        assert isinstance(second, nn.Conv2d)
        self.layers = [first, second]  # in a list, since the body registers them
        height, width, channels = size
        kernels = under_kernel(
            places(height, width), (3, 3), (first.stride[0], first.stride[1]), (1, 1)
        )
        channel = torch.arange(channels).view(-1, 1) * height * width
        pixels = torch.where(kernels > 0, kernels, -channels * height * width)[:, None] + channel
        self.first = Pick(pixels.clamp(min=0).flatten(), channels * height * width)
        self.sides = [(side - 1) // _stride(side) + 1 for side in (height, width)]
        half = places(self.sides[0] // 2, self.sides[1] // 2)
        self.second = Table(under_kernel(half, (3, 3), (2, 2), (1, 1)), half.numel())
        self.pool = ReLUMaxPool2d(inplace=True)
        self.sides_out = [(side // 2 - 1) // 2 + 1 for side in self.sides]

    def forward(self, image: Tensor) -> Tensor:
        first, second = self.layers
        assert first.bias is not None
        assert second.bias is not None
        patches = self.first(image.flatten(1)).view(-1, first.weight[0].numel())
        maps = torch.addmm(first.bias, patches, first.weight.flatten(1).t())
        maps = self.pool(maps.view(-1, *self.sides, 16).permute(0, 3, 1, 2))
        rows = self.second(maps.permute(0, 2, 3, 1).reshape(-1, 16))
        weight = second.weight.permute(2, 3, 1, 0).reshape(-1, 8)
        maps = torch.addmm(second.bias, rows, weight).view(-1, *self.sides_out, 8)
        return F.max_pool2d(F.relu(maps.permute(0, 3, 1, 2)), 2, 1).flatten(1)


class _DecoderRows(nn.Module):
    """The function of the decoder's body, computed over rows of pixels, and the crop."""

    def __init__(
        self, body: nn.Sequential, start: tuple[int, int, int], size: tuple[int, int, int]
    ) -> None:
        super().__init__()
        height, width, self.channels = size
        self.sides = (height, width)
        place, rows, sides = places(*start[1:]), start[1] * start[2], (start[1], start[2])
        layers: list[nn.Module] = []
        for convolution in (body[0], body[2], body[4]):
            assert isinstance(convolution, nn.ConvTranspose2d)
            grown = [_output_side(convolution, i, sides[i]) for i in (0, 1)]
            layer = TransposedRows(convolution, place, rows, (grown[0], grown[1]))
            layers.append(layer)
            place, rows, sides = layer.place, layer.rows, (grown[0], grown[1])
        self.layers = nn.ModuleList(layers)
        # (H, W) rows of C numbers to columns in the order of the image.
        pixel = (place[:height, :width] - 1) * self.channels
        columns = [pixel + channel for channel in range(self.channels)]
        self.last = Pick(torch.stack(columns).flatten() + 1, rows * self.channels)

    def forward(self, maps: Tensor) -> Tensor:
        batch = len(maps)
        rows = maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])
        for i, layer in enumerate(self.layers):
            rows = layer(F.relu_(rows) if i else rows)
            rows = rows.view(-1, rows.shape[1] // layer.pixels)
        image: Tensor = self.last(rows.view(batch, -1))
        return image.view(batch, self.channels, *self.sides)


def _output_side(convolution: nn.ConvTranspose2d, axis: int, side: int) -> int:
    """The side of a transposed convolution's output."""
    kernel, stride = convolution.kernel_size[axis], convolution.stride[axis]
    padding, more = convolution.padding[axis], convolution.output_padding[axis]
    return (side - 1) * stride - 2 * int(padding) + kernel + more


def latent_side(side: int) -> int:
    """Side of the latent's feature maps for images of `side` pixels: 28 -> 2, 8 -> 1, 64 -> 5."""
    pooled = ((side - 1) // _stride(side) + 1) // 2
    return (pooled - 1) // 2


def _stride(side: int) -> int:
    return 1 if side < SMALL else 3


def _paddings(side: int) -> tuple[int, int, int]:
    """The smallest output paddings with which the three layers reach `side`."""
    chosen = (0, 0, 0)
    first, second, third = 2, _stride(side), 2
    options = [(a, b, c) for a in range(first) for b in range(second) for c in range(third)]
    for chosen in sorted(options, key=lambda paddings: _grown(side, paddings)):
        if _grown(side, chosen) >= side:
            break
    return chosen


def _grown(side: int, paddings: tuple[int, int, int]) -> int:
    """The side that the three transposed convolutions give, with these output paddings."""
    first = 2 * (latent_side(side) - 1) + 3 + paddings[0]
    second = _stride(side) * (first - 1) - 2 + 5 + paddings[1]
    return 2 * (second - 1) - 2 + 2 + paddings[2]
