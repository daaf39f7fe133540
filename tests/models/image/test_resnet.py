"""The default network."""

import pytest
import torch

from handloom.errors import UserError
from handloom.models.image.resnet import ResNet, halvings


def test_shapes_and_parameters() -> None:
    network = ResNet((28, 28, 1), 10, width=8, depth=1)
    assert network(torch.rand(3, 1, 28, 28)).shape == (3, 10)
    assert network.features(torch.rand(3, 1, 28, 28)).shape == (3, 32)
    stem = 9 * 4 + 2 * 4
    stages = sum(
        (9 * before * after + after + 2 * after) + (9 * after * after + 2 * after)
        for before, after in [(4, 8), (8, 16), (16, 32)]
    )
    assert sum(p.numel() for p in network.parameters()) == stem + stages + 33 * 10


def test_normalised_before_the_activation_a_stage_ends_without_what_is_negative() -> None:
    image = torch.rand(4, 3, 8, 8)
    for norm_first in (True, False):
        torch.manual_seed(0)
        network = ResNet((8, 8, 3), 10, width=8, depth=0, norm_first=norm_first)
        stage = network.stages[0]
        maps = stage(network.stem(image))
        assert (maps.min().item() >= 0) is norm_first
        assert (stage.convolution.bias is None) is norm_first


def test_halvings() -> None:
    sides = [4, 8, 16, 24, 28, 32, 48, 64, 96, 128, 224]
    assert [halvings(side) for side in sides] == [2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6]


@pytest.mark.parametrize("size", [(4, 4, 1), (8, 8, 1), (5, 40, 3), (64, 64, 3), (128, 100, 3)])
@pytest.mark.parametrize("depth", [0, 2])
def test_sizes_adapt(size: tuple[int, int, int], depth: int) -> None:
    height, width, channels = size
    network = ResNet(size, 7, width=8, depth=depth)
    assert network(torch.rand(2, channels, height, width)).shape == (2, 7)


def test_too_small_names_the_smallest_size() -> None:
    with pytest.raises(UserError, match=r"^the images.*9x3.*at least 4x4.*--size 4.*mlp$"):
        ResNet((3, 9, 1), 10)


def test_mirror_is_the_mean_of_both_sides_in_eval_mode() -> None:
    torch.manual_seed(0)
    network = ResNet((8, 8, 3), 4, width=8, hflip_tta=True).eval()
    image = torch.rand(2, 3, 8, 8)
    logits = network(image)
    torch.testing.assert_close(network(image.flip(3)), logits)
    network.hflip_tta = False
    torch.testing.assert_close((network(image) + network(image.flip(3))) / 2, logits)


def test_six_views_are_averaged_in_eval_mode() -> None:
    torch.manual_seed(0)
    network = ResNet((8, 8, 1), 4, width=8, hflip_tta=True, shift_tta=1).eval()
    image = torch.zeros(2, 1, 8, 8)
    image[:, :, 3:5, 3:5] = torch.rand(2, 1, 2, 2)
    logits = network(image)
    network.hflip_tta, network.shift_tta = False, 0
    views = [torch.roll(image, (by, by), (2, 3)) for by in (0, -1, 1)]
    alone = [network(side) for view in views for side in (view, view.flip(3))]
    torch.testing.assert_close(logits, torch.stack(alone).mean(0))


def test_logits_are_scaled() -> None:
    torch.manual_seed(0)
    network = ResNet((8, 8, 1), 4, width=8, hflip_tta=True, logit_scale=0.125)
    image = torch.rand(2, 1, 8, 8)
    for mode in (True, False):
        network.train(mode)
        network.logit_scale = 0.125
        small = network(image)
        network.logit_scale = 1.0
        torch.testing.assert_close(8 * small, network(image))


def test_bfloat16_channels_last_is_close() -> None:
    torch.manual_seed(0)
    network = ResNet((14, 14, 3), 4, width=16).to(memory_format=torch.channels_last).eval()
    image = torch.rand(2, 3, 14, 14).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(image)
    torch.testing.assert_close(logits.float(), network(image), atol=0.05, rtol=0.05)


def test_deterministic_golden_value() -> None:
    torch.manual_seed(0)
    network = ResNet((8, 8, 1), 10, width=8).eval()
    logits = network(torch.linspace(0, 1, 64).view(1, 1, 8, 8))
    torch.testing.assert_close(logits[0, :3], torch.tensor(GOLDEN), atol=1e-4, rtol=1e-4)


GOLDEN = [-0.06471, -0.20144, -0.09497]
