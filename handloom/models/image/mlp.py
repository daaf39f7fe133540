"""Multi-layer perceptron on the pixels: 784-128-10 with sigmoids in the classic tutorial."""

import itertools
from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from handloom.models.layers.normalize import Normalize


class MLP(nn.Module):
    """Fully connected layers on the flattened image.

    size: (H, W, C) of the images, any; classes: K; hidden: the widths between; activation: after
    each of them. forward: image (B, C, H, W) in [0, 1] to logits (B, K).
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        classes: int,
        hidden: Sequence[int] = (128,),
        activation: Literal["sigmoid", "relu"] = "sigmoid",
        mean: Sequence[float] = (0.5,),
        std: Sequence[float] = (0.5,),
    ) -> None:
        super().__init__()
        height, width, channels = size
        widths = (height * width * channels, *hidden)
        layers: list[nn.Module] = [nn.Flatten()]
        for before, after in itertools.pairwise(widths):
            layers += [nn.Linear(before, after), ACTIVATIONS[activation]()]
        self.normalize = Normalize(channels, mean, std)
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(widths[-1], classes)

    def features(self, image: Tensor) -> Tensor:
        """The last hidden layer, (B, hidden[-1])."""
        features: Tensor = self.body(self.normalize(image))
        return features

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(image))
        return logits


ACTIVATIONS: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}
