"""Grad-CAM finds the place that a network looks at, in every kind of network with maps."""

import pytest
import torch
from torch import Tensor, nn

from handloom.engine.grad_cam import grad_cam
from handloom.engine.maps import first_map_layer, last_map_layer, output_of
from handloom.models.image.cnn import CNN
from handloom.models.image.lenet import LeNet
from handloom.models.image.mlp import MLP
from handloom.models.image.resnet import ResNet


class Corner(nn.Module):
    """Class 0 is as bright as the brightest place, class 1 as dark: known without training."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(4)

    def forward(self, image: Tensor) -> Tensor:
        bright = self.pool(image).mean((1, 2, 3))
        return torch.stack([bright, -bright], 1)


def test_the_place_that_speaks_for_the_answer_is_hot() -> None:
    image = torch.zeros(2, 1, 32, 32)
    image[0, :, :8, :8] = 1
    image[1, :, 24:, 24:] = 1
    heat = grad_cam(Corner(), image, torch.tensor([0, 0]))
    assert heat is not None
    assert heat.shape == (2, 32, 32)
    assert heat[0, :6, :6].min() > 0.9
    assert heat[1, 26:, 26:].min() > 0.9
    assert heat[0, 20:, 20:].max() == 0
    against = grad_cam(Corner(), image, torch.tensor([1, 1]))
    assert against is not None
    assert against.max() == 0  # nothing speaks for class 1


@pytest.mark.parametrize("network", [ResNet, CNN, LeNet])
def test_networks_with_maps(network: type[nn.Module]) -> None:
    torch.manual_seed(0)
    made = network((28, 28, 1), 10).eval()
    image = torch.rand(3, 1, 28, 28)
    heat = grad_cam(made, image, torch.tensor([1, 2, 3]))
    assert heat is not None
    assert heat.shape == (3, 28, 28)
    assert ((heat >= 0) & (heat <= 1)).all()
    assert image.grad is None


def test_mirror_images_are_left_aside() -> None:
    torch.manual_seed(0)
    made = ResNet((32, 32, 3), 4, hflip_tta=True).eval()
    heat = grad_cam(made, torch.rand(2, 3, 32, 32), torch.tensor([0, 1]))
    assert heat is not None
    assert heat.shape == (2, 32, 32)


def test_a_network_without_maps_has_none() -> None:
    assert grad_cam(MLP((8, 8, 1), 3).eval(), torch.rand(2, 1, 8, 8), torch.tensor([0, 1])) is None


def test_maps_that_become_tokens_are_not_taken() -> None:
    class Tokens(nn.Module):
        def forward(self, maps: Tensor) -> Tensor:
            return maps.flatten(2).transpose(1, 2)

    class Mean(nn.Module):
        def forward(self, tokens: Tensor) -> Tensor:
            return tokens.mean(1)

    network = nn.Sequential(nn.Conv2d(1, 5, 4, 4), Tokens(), Mean())
    assert last_map_layer(network, torch.rand(1, 1, 32, 32)) is None


def test_the_first_maps_are_those_behind_the_first_pooling() -> None:
    made, image = ResNet((32, 32, 3), 4, hflip_tta=True).eval(), torch.rand(2, 3, 32, 32)
    layer = first_map_layer(made, image[:1])
    assert layer is not None
    assert output_of(made, layer, image).shape == (2, 32, 16, 16)
    assert first_map_layer(MLP((8, 8, 1), 3).eval(), torch.rand(1, 1, 8, 8)) is None
