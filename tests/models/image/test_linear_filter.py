"""A filter is a convolution without padding."""

import torch
from torch.nn import functional as F

from handloom.models.image.linear_filter import LinearFilter


def test_it_slides_its_kernel_over_the_image() -> None:
    network = LinearFilter(1, 1, 1, 2)
    with torch.no_grad():
        network.kernel.copy_(torch.tensor([[[[1.0, -1.0]]]]))
    image = torch.tensor([[[[1.0, 1, 0, 0, 1]]]])
    assert network(image).tolist() == [[[[0, 1, 0, -1]]]]


def test_channels_and_bias() -> None:
    network, image = LinearFilter(3, 2, 3, 5, bias=True), torch.rand(1, 3, 7, 9)
    assert network.bias is not None
    torch.nn.init.ones_(network.bias)
    expected = F.conv2d(image, network.kernel) + 1
    torch.testing.assert_close(network(image), expected)
    assert network(image).shape == (1, 2, 5, 5)
    assert network.kernel.abs().max() <= 45**-0.5
