"""The table of layers against numbers computed by hand."""

import torch
from torch import nn

from handloom.models.image.cnn import CNN
from handloom.models.image.lenet import LeNet
from handloom.models.image.resnet import ResNet
from handloom.models.summary import Layer, layer_table


def test_lenet() -> None:
    assert layer_table(LeNet((28, 28, 1), 10), torch.rand(1, 1, 28, 28)) == [
        Layer("normalize", "Normalize", (1, 28, 28), 0, 0, 1),
        Layer("body.0", "Conv2d", (6, 28, 28), 156, 117_600, 5),
        Layer("body.1", "Sigmoid", (6, 28, 28), 0, 0, 5),
        Layer("body.2", "AvgPool2d", (6, 14, 14), 0, 0, 6),
        Layer("body.3", "Conv2d", (16, 10, 10), 2_416, 240_000, 14),
        Layer("body.4", "Sigmoid", (16, 10, 10), 0, 0, 14),
        Layer("body.5", "AvgPool2d", (16, 5, 5), 0, 0, 16),
        Layer("body.6", "Flatten", (400,), 0, 0, None),
        Layer("body.7", "Linear", (120,), 48_120, 48_000, None),
        Layer("body.8", "Sigmoid", (120,), 0, 0, None),
        Layer("body.9", "Linear", (84,), 10_164, 10_080, None),
        Layer("body.10", "Sigmoid", (84,), 0, 0, None),
        Layer("head", "Linear", (10,), 850, 840, None),
    ]


def test_cnn() -> None:
    network = CNN((32, 32, 3), 10)
    table = layer_table(network, torch.rand(2, 3, 32, 32))
    shapes = [layer.shape for layer in table if layer.kind == "Conv2d"]
    assert shapes == [(16, 32, 32), (32, 16, 16), (64, 8, 8)]
    fields = [layer.receptive_field for layer in table if layer.kind == "MaxPool2d"]
    assert fields == [4, 10, 22]
    convolutions = 27 * 16 * 1024 + 144 * 32 * 256 + 288 * 64 * 64
    assert sum(layer.multiply_adds for layer in table) == convolutions + 1024 * 512 + 512 * 10
    parameters = sum(p.numel() for p in network.parameters())
    assert sum(layer.parameters for layer in table) == parameters


def test_resnet_sees_the_whole_image_and_is_left_as_it_was() -> None:
    network = ResNet((28, 28, 1), 10, width=8, hflip_tta=True)
    network.stages.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    table = layer_table(network, torch.rand(1, 1, 28, 28))
    assert max(layer.receptive_field or 0 for layer in table) >= 28
    assert table[-1].shape == (10,)
    assert network.training
    assert network.stem.training
    assert not network.stages.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())


def test_a_layer_called_twice_is_counted_once() -> None:
    linear = nn.Linear(3, 3)
    table = layer_table(nn.Sequential(linear, linear), torch.rand(1, 3))
    assert [(layer.parameters, layer.multiply_adds) for layer in table] == [(12, 9), (0, 9)]


def test_transposed_layers() -> None:
    (transposed,) = layer_table(nn.ConvTranspose2d(2, 3, 4, stride=2), torch.rand(1, 2, 5, 5))
    assert (transposed.shape, transposed.multiply_adds) == ((3, 12, 12), 2 * 25 * 3 * 16)
    assert transposed.receptive_field is None
