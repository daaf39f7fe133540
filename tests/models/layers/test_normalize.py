"""The first layer: (x - mean) / std, whatever the memory format."""

import pytest
import torch

from handloom.models.layers.normalize import Normalize


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_subtracts_mean_and_divides_by_std(
    channels: int, memory_format: torch.memory_format
) -> None:
    image = torch.rand(2, channels, 5, 7).contiguous(memory_format=memory_format)
    mean, std = [0.1, 0.2, 0.3, 0.4][:channels], [0.5, 1.0, 2.0, 4.0][:channels]
    expected = (image - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(std).view(-1, 1, 1)
    torch.testing.assert_close(Normalize(channels, mean, std)(image), expected)


def test_keeps_the_memory_format() -> None:
    image = torch.rand(2, 3, 5, 7).contiguous(memory_format=torch.channels_last)
    assert Normalize(3)(image).is_contiguous(memory_format=torch.channels_last)


def test_passes_the_gradient_to_the_image() -> None:
    image = torch.rand(2, 3, 4, 4).contiguous(memory_format=torch.channels_last).requires_grad_()
    Normalize(3, [0.5], [0.25])(image).sum().backward()
    torch.testing.assert_close(image.grad, torch.full_like(image, 4.0))


def test_is_saved_with_the_weights() -> None:
    saved = Normalize(3, [0.1, 0.2, 0.3], [0.5]).state_dict()
    assert saved["mean"].shape == saved["std"].shape == (3, 1, 1)
    torch.testing.assert_close(saved["mean"].flatten(), torch.tensor([0.1, 0.2, 0.3]))


@pytest.mark.parametrize(
    ("mean", "std"), [([0.1, 0.2], [1.0]), ([], [1.0]), ([0.5], [0.0]), ([0.5], [-1.0])]
)
def test_refuses_numbers_that_do_not_fit(mean: list[float], std: list[float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Normalize(3, mean, std)
