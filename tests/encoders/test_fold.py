"""Batch norms folded into convolutions."""

import pytest
import torch
from torch import Tensor, nn

from handloom.encoders.encoder import Backbone
from handloom.encoders.fold import folded
from handloom.encoders.opening import architecture_of


def used(network: nn.Module) -> nn.Module:
    """Statistics and affine weights that are not those of a new network."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.2, 0.2)
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval()


def norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize(
    ("spec", "left"),
    [("timm:tf_efficientnet_lite0", 0), ("timm:test_resnet", 0), ("torchvision:mobilenet_v2", 0),
     ("torchvision:densenet121", 62), ("timm:test_vit", 0)],
)  # fmt: skip
def test_the_same_features_without_norms(spec: str, left: int) -> None:
    made = architecture_of(spec)
    network = used(Backbone(made.body, 3, made.mean, made.std))
    before, image = norms(network), torch.rand(2, 3, *made.preprocessing["size"])
    quick = folded(network, image[:1])
    with torch.no_grad():
        wanted = network(image)
        assert torch.allclose(quick(image), wanted, atol=1e-3 * float(wanted.abs().max()))
    assert norms(quick) == left
    assert norms(network) == before, "the network itself stays trainable"


class Elsewhere(nn.Module):
    """A map that goes past its norm too: folding would change the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

    def forward(self, image: Tensor) -> Tensor:
        maps = self.convolution(image)
        return (maps + self.norm(maps)).mean((2, 3))


def test_what_cannot_be_folded_stays() -> None:
    network = used(Elsewhere())
    image = torch.rand(2, 3, 8, 8)
    quick = folded(network, image)
    assert norms(quick) == 1
    with torch.no_grad():
        assert torch.equal(quick(image), network(image))
