"""A head on features of an encoder."""

import torch
from torch import nn

from handloom.models.image.transferred import RootHead, Transferred, roots


class Mean(nn.Module):
    """Mean of the left and of the right half, by channel: (B, 6)."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        half = image.shape[3] // 2
        return torch.cat([image[..., :half].mean((2, 3)), image[..., half:].mean((2, 3))], 1)


def test_roots_keep_signs_and_have_a_finite_slope_at_zero() -> None:
    value = torch.tensor([-4.0, -0.25, 0.0, 0.25, 4.0], requires_grad=True)
    rooted = roots(value)
    torch.testing.assert_close(rooted, torch.tensor([-2.0, -0.5, 0, 0.5, 2]), atol=0.04, rtol=0)
    rooted.sum().backward()
    assert value.grad is not None
    assert value.grad.isfinite().all()
    assert value.grad.max() <= 16.0
    assert roots(torch.zeros(3)).eq(0).all()


def test_a_head_is_linear_in_the_roots() -> None:
    head, features = RootHead(6, 3), torch.rand(4, 6)
    torch.testing.assert_close(head(features), roots(features) @ head.weight.T + head.bias)


def test_features_are_what_the_head_sees() -> None:
    network, image = Transferred(Mean(), 6, 3).eval(), torch.rand(2, 3, 4, 8)
    assert network.features(image).shape == (2, 6)
    torch.testing.assert_close(network.head(network.features(image)), network(image))


def test_the_mirror_image_has_the_same_answer_where_it_is_asked_too() -> None:
    torch.manual_seed(0)
    image = torch.rand(5, 3, 4, 8)
    plain = Transferred(Mean(), 6, 3).eval()
    mirrored = Transferred(Mean(), 6, 3, hflip_tta=True).eval()
    assert not torch.allclose(plain(image), plain(image.flip(3)))
    torch.testing.assert_close(mirrored(image), mirrored(image.flip(3)))
    mirrored.train()
    assert not torch.allclose(mirrored(image), mirrored(image.flip(3)))
