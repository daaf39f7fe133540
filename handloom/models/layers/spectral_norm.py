"""Spectral normalisation (Miyato et al. 2018, arXiv:1802.05957), in plain torch."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Spectral(nn.Module):
    """A convolution or linear layer whose weight is divided by its largest singular value.

    layer: its weight is the parameter that learns. The two singular vectors are buffers that move
    in `follow` alone (algorithm 1, one step), to be called once after every update: in forward
    they would move in the other network's step too. torch.nn.utils has the same as a
    parametrization, which costs an import of the compiler in some versions.
    """

    left: Tensor
    right: Tensor

    def __init__(self, layer: nn.Conv2d | nn.Linear, start: int = 15) -> None:
        super().__init__()
        self.layer = layer
        rows = layer.weight.flatten(1)
        self.register_buffer("left", F.normalize(torch.randn(rows.shape[0]), dim=0))
        self.register_buffer("right", F.normalize(torch.randn(rows.shape[1]), dim=0))
        for _ in range(start):
            self.follow()

    @torch.no_grad()
    def follow(self) -> None:
        """One step of the power iteration towards the present weight's singular vectors."""
        rows = self.layer.weight.flatten(1).float()  # (out, in)
        self.right.copy_(F.normalize(rows.T @ self.left, dim=0))
        self.left.copy_(F.normalize(rows @ self.right, dim=0))

    def weight(self) -> Tensor:
        """The weight with a largest singular value of about 1."""
        with torch.autocast(self.left.device.type, enabled=False):
            rows = self.layer.weight.flatten(1)
            largest = torch.dot(self.left, torch.mv(rows, self.right))
            return self.layer.weight / largest

    def forward(self, features: Tensor) -> Tensor:
        layer = self.layer
        if isinstance(layer, nn.Linear):
            return F.linear(features, self.weight(), layer.bias)
        weight = self.weight()
        return F.conv2d(features, weight, layer.bias, layer.stride, layer.padding)


def follow(network: nn.Module) -> None:
    """One step of the power iteration in every such layer of a network."""
    for module in network.modules():
        if isinstance(module, Spectral):
            module.follow()
