"""Encoders against the same network in plain layers."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handloom.errors import UserError
from handloom.jobs.stylize.network import MEAN, STD, read
from handloom.models.image.random_filters import SCALES, RandomFilters
from handloom.models.image.vgg import COMPRESSED, VGG, VGG19

LAYERS = ["conv1_1", "relu2_1", "conv3_1", "conv4_2", "relu5_1"]
THIN = tuple((4 * (i + 1),) * len(level) for i, level in enumerate(VGG19))


def plain_layers() -> nn.Sequential:
    """VGG-19 of few channels, with torchvision's numbering."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    channels = 3
    for level in THIN:
        for width in level:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2))
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return nn.Sequential(*layers)


PLACES = {"conv1_1": 0, "relu2_1": 6, "conv3_1": 10, "conv4_2": 21, "relu5_1": 29}


def plain_features(layers: nn.Sequential, image: Tensor) -> dict[str, Tensor]:
    x = (image - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    found = {}
    for i, layer in enumerate(layers):
        x = layer(x)
        found |= {name: x for name, place in PLACES.items() if place == i}
    return found


@pytest.fixture
def thin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[nn.Sequential, Path]:
    """A thin VGG-19 and its file, in the published format."""
    monkeypatch.setattr("handloom.jobs.stylize.network.LEVELS", {"vgg19": THIN})
    layers = plain_layers()
    path = tmp_path / "vgg19.pth"
    torch.save({f"features.{name}": t for name, t in layers.state_dict().items()}, path)
    return layers, path


def test_published_file_gives_features_and_gradient_of_plain_layers(
    thin: tuple[nn.Sequential, Path],
) -> None:
    layers, path = thin
    encoder = read("vgg19", path, "max", torch.float32)
    image = torch.rand(1, 3, 50, 67)
    mine, theirs = image.clone().requires_grad_(), image.clone().requires_grad_()
    found, expected = encoder(mine, LAYERS), plain_features(layers, theirs)
    for name in LAYERS:
        torch.testing.assert_close(found[name], expected[name], atol=1e-4, rtol=1e-4)
    sum(v.square().mean() for v in found.values()).backward()  # type: ignore[union-attr]
    sum(v.square().mean() for v in expected.values()).backward()  # type: ignore[union-attr]
    assert mine.grad is not None
    assert theirs.grad is not None
    torch.testing.assert_close(mine.grad, theirs.grad, atol=1e-5, rtol=1e-3)


@pytest.mark.skipif(
    not torch.ops.mkldnn._is_mkldnn_bf16_supported(),
    reason="this processor has no bfloat16 convolution",
)
def test_bfloat16_is_close_and_sees_less_than_a_rounded_pixel(
    thin: tuple[nn.Sequential, Path],
) -> None:
    # Average pooling: where two numbers round to the same, the maximum changes its place.
    exact = read("vgg19", thin[1], "average", torch.float32)
    quick = read("vgg19", thin[1], "average", torch.bfloat16)
    image = torch.rand(1, 3, 48, 48)
    gradients = []
    for encoder in (exact, quick):
        pixels = image.clone().requires_grad_()
        encoder(pixels, ["relu4_1"])["relu4_1"].float().square().sum().backward()
        assert pixels.grad is not None
        gradients.append(pixels.grad.flatten())
    assert F.cosine_similarity(*gradients, dim=0) > 0.98
    step = torch.full_like(image, 1e-3)  # a quarter of what bfloat16 resolves at 0.9
    bright = torch.full_like(image, 0.9)
    before, after = (quick(x, ["conv1_1"])["conv1_1"] for x in (bright, bright + step))
    assert not torch.equal(before, after)


def test_nothing_above_the_last_layer_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = VGG(COMPRESSED)
    called: list[str] = []
    weights = VGG._weights

    def counted(self: VGG, name: str) -> tuple[Tensor, Tensor]:
        called.append(name)
        return weights(self, name)

    monkeypatch.setattr(VGG, "_weights", counted)
    encoder(torch.rand(1, 3, 32, 32), ["relu2_1", "conv3_1"])
    assert called == ["1_1", "1_2", "2_1", "2_2", "3_1"]


def test_compressed_first_layer_is_folded_exactly() -> None:
    torch.manual_seed(1)
    encoder = VGG(COMPRESSED, "reflect")
    scale, shift = torch.rand(3, 3) + torch.eye(3), torch.rand(3)
    weight, bias = torch.randn(16, 3, 3, 3), torch.randn(16)
    encoder.fill({"1_1": (weight, bias)}, scale, shift)
    image = torch.rand(1, 3, 16, 17)
    shown = F.conv2d(image, scale.view(3, 3, 1, 1), shift)
    expected = F.conv2d(F.pad(shown, (1, 1, 1, 1), mode="reflect"), weight, bias)
    torch.testing.assert_close(encoder(image, ["conv1_1"])["conv1_1"], expected, atol=1e-4, rtol=0)


def test_reach_is_how_far_a_layer_sees() -> None:
    torch.manual_seed(2)
    encoder = VGG(THIN, pooling="average")
    for name, buffer in encoder.named_buffers():
        if name.startswith("weight"):
            buffer.normal_(std=0.3)
    image = torch.rand(1, 3, 320, 320, requires_grad=True)
    encoder(image, ["conv5_1"])["conv5_1"][0, :, 10, 10].sum().backward()
    assert image.grad is not None
    rows = image.grad[0].abs().sum((0, 2)).nonzero()
    cell = 160, 175
    reach = encoder.reach(["conv5_1"])
    assert rows.min() >= cell[0] - reach
    assert rows.max() <= cell[1] + reach
    assert rows.min() == cell[0] - 70 == cell[0] - reach


def test_other_networks_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save({"features.0.weight": torch.zeros(8, 3, 3, 3)}, path)
    with pytest.raises(UserError, match="does not hold the weights of vgg19"):
        read("vgg19", path, "max", torch.float32)
    path.write_bytes(b"no weights")
    with pytest.raises(UserError, match="not a file of weights"):
        read("vgg19-small", path, "max", torch.float32)


def test_random_filters_are_the_seeds() -> None:
    image = torch.rand(1, 3, 40, 52)
    layers = [*SCALES, "blurred"]
    network = RandomFilters(seed=3)
    first, again, other = (
        n(image, layers) for n in (network, RandomFilters(seed=3), RandomFilters(seed=4))
    )
    for name in SCALES:
        stride = network.strides()[name]
        assert first[name].shape == (1, 32, 40 // stride, 52 // stride)
        assert torch.equal(first[name], again[name])
        assert not torch.equal(first[name], other[name])
    assert first["blurred"].shape == (1, 3, 20, 26)
