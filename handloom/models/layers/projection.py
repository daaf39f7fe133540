"""The projection head of contrastive learning, which is thrown away after the training."""

from torch import Tensor, nn


class Projection(nn.Module):
    """Linear, batch normalization, ReLU, linear: features (B, width) to (B, out).

    What the loss is applied to loses what views differ in, such as colours; the features before it
    keep them (Chen et al. 2020, arXiv:2002.05709, sec. 4.2). Under autocast its features may be
    half precision; its result is whatever the linear layers give.
    """

    def __init__(self, width: int, hidden: int, out: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, out),
        )

    def forward(self, features: Tensor) -> Tensor:
        projected: Tensor = self.layers(features)
        return projected
