"""The two ways of painting that are compared: ours, and the tutorial's in plain layers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from handloom.data.images.photo import Opened
from handloom.engine.loop import Experiment
from handloom.jobs.stylize import build
from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.images import StyleImages
from handloom.jobs.stylize.loss import PUBLISHED
from handloom.models.image.vgg import VGG19


def image(data: Path, name: str, side: int) -> Tensor:
    """An image of DATA with so many pixels on its short side, (1, 3, H, W)."""
    opened = Opened(data / "pictures" / f"{name}.jpg")
    return opened.at(*opened.sized(side))


def compressed(data: Path) -> dict[str, str]:
    """The option that names the compressed network."""
    return {"weights": str(data / "weights/vgg19_16x/5SE.pth")}


def stages(
    data: Path,
    options: dict[str, Any],
    style: str = "starry_night",
    photo: str = "tubingen",
) -> Iterator[tuple[Experiment, StyleImages]]:
    """Experiments of all sizes, one after the other, as `stylize` makes them."""
    folder = data / "pictures"
    defaults = {"network": "vgg19-small", "device": "cpu", "out": "unused.png"}
    config = Config(
        **defaults | compressed(data) | {"paintings": (str(folder / f"{style}.jpg"),)} | options
    )
    inputs = build.load(config, str(folder / f"{photo}.jpg"), lambda what, done, total: None)
    config = build.resolve(config, inputs)
    experiment = None
    for stage in build.build(config, inputs, torch.device("cpu")).stages:
        experiment = stage.build(experiment)
        yield experiment, inputs.images


def plain_loss(
    data: Path, side: int, style: str = "starry_night", layers: Any = None
) -> Callable[[Tensor], Tensor]:
    """The tutorial's loss in plain layers: float32, nothing fused, as the listing writes it."""
    tensors = torch.load(data / "weights/vgg19_16x/5SE.pth", map_location="cpu", weights_only=True)[
        "model"
    ]

    def features(x: Tensor) -> dict[str, Tensor]:
        maps = {}
        x = F.conv2d(x, tensors["conv0.weight"], tensors["conv0.bias"])
        for i, depth in enumerate((2, 2, 4, 4, 1), 1):
            for j in range(1, depth + 1):
                weight, bias = tensors[f"conv{i}{j}.weight"], tensors[f"conv{i}{j}.bias"]
                x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), weight, bias)
                maps[f"conv{i}_{j}"] = x
                x = F.relu(x)
            x = F.max_pool2d(x, 2)
        return maps

    gram = lambda f: f.view(f.shape[1], -1) @ f.view(f.shape[1], -1).T
    photo, painting = image(data, "tubingen", side), image(data, style, side)
    with torch.no_grad():
        content = features(photo)["conv4_2"]
        grams = {name: gram(maps) for name, maps in features(painting).items()}

    def loss(pil_image: Tensor) -> Tensor:
        maps = features(pil_image)
        total = F.mse_loss(maps["conv4_2"], content)
        for name, weight in PUBLISHED.items():
            _, d, h, w = maps[name].shape
            difference = (gram(maps[name]) - grams[name]).square().mean()
            total = total + 1e6 * weight * difference / (d * h * w)
        return total

    return loss


def random_vgg19(path: Path) -> Path:
    """A file in the published format; the time does not depend on the numbers."""
    tensors, place, channels = {}, 0, 3
    for level in VGG19:
        for width in level:
            scale = (2 / (9 * channels)) ** 0.5
            tensors[f"features.{place}.weight"] = torch.randn(width, channels, 3, 3) * scale
            tensors[f"features.{place}.bias"] = torch.zeros(width)
            place, channels = place + 2, width
        place += 1
    torch.save(tensors, path)
    return path
