"""ResNet-18 (He et al. 2016, arXiv:1512.03385), for small images as CIFAR's without its pooling."""

from collections.abc import Sequence

from torch import Tensor, nn

from handloom.models.layers.normalize import Normalize

SMALL = 64  # pixels of the shorter side, up to which the stem keeps the size


class ResNet18(nn.Module):
    """A stem, four stages of two residual blocks, the mean over all places, linear.

    size: (H, W, C) of the images; classes: K; width: channels of the first stage, twice as many in
    each that follows. Up to 64 pixels the stem is a 3x3 convolution, and above one of 7x7 with
    stride 2 and a pooling, as published.
    forward: image (B, C, H, W) in [0, 1] to logits (B, K).
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        classes: int,
        width: int = 64,
        mean: Sequence[float] = (0.5,),
        std: Sequence[float] = (0.5,),
    ) -> None:
        super().__init__()
        height, columns, channels = size
        is_small = min(height, columns) <= SMALL
        stages: list[nn.Module] = []
        before = width
        for stage in range(4):
            after = width * 2**stage
            stages += [ResidualBlock(before, after, 2 if stage else 1), ResidualBlock(after, after)]
            before = after
        self.normalize = Normalize(channels, mean, std)
        self.stem = _stem(channels, width, is_small)
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(before, classes)
        self._initialize()

    def features(self, image: Tensor) -> Tensor:
        """The mean of every channel of the last stage, (B, 8 * width)."""
        maps: Tensor = self.stages(self.stem(self.normalize(image)))
        return maps.mean((2, 3))

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(image))
        return logits

    def _initialize(self) -> None:
        """He et al. 2015 (arXiv:1502.01852), as torchvision does."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut; (B, before, H, W) -> (B, after, H / stride, ...)."""

    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(after)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(after)
        self.activation = nn.ReLU()
        self.shortcut = nn.Sequential()
        if stride != 1 or before != after:
            self.shortcut = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, maps: Tensor) -> Tensor:
        inner = self.activation(self.first_norm(self.first(maps)))
        inner = self.second_norm(self.second(inner))
        activation: Tensor = self.activation(inner + self.shortcut(maps))
        return activation


def _stem(channels: int, width: int, is_small: bool) -> nn.Module:
    if is_small:
        return nn.Sequential(
            nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
    return nn.Sequential(
        nn.Conv2d(channels, width, 7, 2, 3, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    )
