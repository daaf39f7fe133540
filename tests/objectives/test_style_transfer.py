"""The style loss: the published formula, tiles, masks."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from handloom.models.image.vgg import VGG
from handloom.objectives.edges import edges
from handloom.objectives.gram import gram
from handloom.objectives.style_transfer import (
    Division,
    Region,
    StyleTransfer,
    Weights,
    content_target,
    style_target,
)
from handloom.objectives.windows import windows

LAYERS = {"relu1_1": 0.5, "relu3_1": 0.3, "relu5_1": 0.2}


def encoder() -> VGG:
    torch.manual_seed(0)
    found = VGG(((4, 4), (6, 6), (8,) * 4, (8,) * 4, (8,)), "reflect", "average")
    for name, buffer in found.named_buffers():
        if name.startswith("weight"):
            buffer.normal_(std=(2 / (9 * buffer.shape[1])) ** 0.5)
    return found


def objective(
    division: Division, published: bool = False, size: tuple[int, int] = (150, 213)
) -> StyleTransfer:
    network = encoder()
    torch.manual_seed(1)
    photo, style, pixels = (torch.rand(1, 3, *size) for _ in range(3))
    weights = Weights(1.0, 5.0, 0.3, "relu4_2", LAYERS, published)
    target = content_target(network, photo, "relu4_2", division)
    grams = style_target(network, style, LAYERS, division, published)
    return StyleTransfer(pixels, network, target, [Region(1.0, grams, {})], weights, division)


def gradient(job: StyleTransfer) -> tuple[float, Tensor]:
    loss, _ = job.loss({})
    loss.backward()
    assert job.pixels.grad is not None
    return loss.item(), job.pixels.grad


@pytest.mark.parametrize("published", [False, True])
def test_tiles_with_the_networks_reach_give_the_whole_gradient(published: bool) -> None:
    whole, expected = gradient(objective(Division(), published))
    tiled, found = gradient(objective(Division(208, 70), published))
    assert tiled == pytest.approx(whole, rel=1e-5)
    assert (found - expected).norm() < 1e-4 * expected.norm()


def test_pixels_lie_the_same_whatever_lies_below_what_was_given() -> None:
    given = torch.rand(1, 20, 30, 3).permute(0, 3, 1, 2)  # as an image file is read
    job = StyleTransfer(given, encoder(), torch.rand(1, 8, 2, 3), [], Weights(1, 1, 1, "x", {}))
    assert job.pixels.is_contiguous()
    assert torch.equal(job.pixels, given)


def test_tiles_without_margin_do_not() -> None:
    _, expected = gradient(objective(Division()))
    _, found = gradient(objective(Division(64, 0)))
    assert (found - expected).norm() > 0.05 * expected.norm()


def test_the_terms_that_are_logged_add_up_to_the_loss() -> None:
    job = objective(Division())
    job._edges, job.weights = edges(torch.rand(1, 3, 150, 213), 0.1), replace(
        job.weights, structure=2.0)  # fmt: skip
    loss, logs = job.loss_of(job.pixels)
    assert set(logs) == {"content", "style", "structure", "smoothness"}
    added = sum(getattr(job.weights, name) * value for name, value in logs.items())
    torch.testing.assert_close(loss, added)


def test_windows_cover_every_position_of_every_map_once() -> None:
    for height, width in [(150, 213), (64, 64), (65, 300), (33, 40)]:
        for stride in (1, 2, 4, 8, 16):
            seen = torch.zeros(height // stride, width // stride)
            for window in windows(height, width, 112, 20):
                seen[window.rows(stride), window.columns(stride)] += 1
            assert (seen == 1).all()


def test_published_loss_is_the_tutorials() -> None:
    job = objective(Division(), published=True)
    network, content, regions = job._fixed[0]
    maps = network(job.pixels, [*LAYERS, "relu4_2"])
    expected = F.mse_loss(maps["relu4_2"], content)
    for layer, weight in LAYERS.items():
        _, d, h, w = maps[layer].shape
        rows = maps[layer].reshape(d, h * w)
        difference = (rows @ rows.T - regions[0].grams[layer]).square().mean()
        expected = expected + 5.0 * weight * difference / (d * h * w)
    smooth = job.weights.smoothness * (
        job.pixels.diff(dim=2).square().mean() + job.pixels.diff(dim=3).square().mean()
    )
    torch.testing.assert_close(job.loss({})[0], expected + smooth, rtol=1e-4, atol=0)


def test_loss_is_zero_at_the_photo_in_its_own_style() -> None:
    network = encoder()
    photo = torch.rand(1, 3, 64, 64)
    weights = Weights(1.0, 1.0, 0.0, "relu4_2", LAYERS)
    target = content_target(network, photo, "relu4_2", Division())
    grams = style_target(network, photo, LAYERS, Division(), False)
    job = StyleTransfer(photo, network, target, [Region(1.0, grams, {})], weights)
    assert job.loss({})[0].item() == pytest.approx(0, abs=1e-8)


def test_gram_of_a_cover_counts_covered_positions_alone() -> None:
    maps = torch.rand(1, 5, 12, 10)
    cover = torch.zeros(1, 1, 12, 10)
    cover[:, :, :7] = 1
    torch.testing.assert_close(gram(maps, cover), gram(maps[:, :, :7]))


def test_gram_gradient_is_autograds() -> None:
    maps = torch.rand(1, 3, 4, 5, dtype=torch.float32, requires_grad=True)
    cover = torch.rand(1, 1, 4, 5)
    weight = torch.rand(3, 3)
    (found,) = torch.autograd.grad((gram(maps, cover) * weight).sum(), maps)
    plain = torch.einsum("bchw,bdhw,bxhw->cd", maps, maps, cover)
    (expected,) = torch.autograd.grad((plain * weight).sum(), maps)
    torch.testing.assert_close(found, expected)


def test_a_region_leaves_what_it_does_not_cover_alone() -> None:
    network = encoder()
    photo, style = torch.rand(1, 3, 32, 96), torch.rand(1, 3, 32, 32)
    layers = {"relu1_1": 1.0, "relu2_1": 1.0}
    weights = Weights(0.0, 1.0, 0.0, "relu2_1", layers)
    covers = {}
    for layer in layers:
        stride = network.strides()[layer]
        covers[layer] = torch.zeros(1, 1, 32 // stride, 96 // stride)
        covers[layer][..., : 48 // stride] = 1
    grams = style_target(network, style, layers, Division(), False)
    target = content_target(network, photo, "relu2_1", Division())
    job = StyleTransfer(photo, network, target, [Region(1.0, grams, covers)], weights)
    found = gradient(job)[1].abs().sum((0, 1, 2))  # by column
    reach = network.reach(list(layers))
    assert (found[48 + reach :] == 0).all()
    assert (found[:48] > 0).all()
