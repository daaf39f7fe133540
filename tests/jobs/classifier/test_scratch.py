"""Networks from scratch: the numbers that are chosen for them."""

import pytest
import torch

from handloom.config import check
from handloom.data.images.dataset import DataSet, Images
from handloom.data.images.reading import Preprocessing
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.scratch import resolve


@pytest.mark.parametrize(
    ("network", "device", "count", "channels", "side", "numbers"),
    [
        ("resnet", "cuda", 10_000, 3, 32, (192, 40, 4, 12)),
        ("resnet", "cuda", 9_999, 3, 32, (32, 40, 2, 0)),
        ("resnet", "cuda", 10_000, 1, 32, (32, 10, 2, 0)),
        ("resnet", "cuda", 10_000, 3, 96, (64, 10, 7, 0)),
        ("resnet", "cpu", 10_000, 3, 32, (64, 10, 2, 0)),
        ("resnet18", "cuda", 10_000, 3, 32, (64, 40, 4, 8)),
    ],
)
def test_a_card_trains_a_larger_network_on_many_small_colour_images(
    network: str, device: str, count: int, channels: int, side: int,
    numbers: tuple[float, ...], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("torch.cuda.is_available", lambda: device == "cuda")
    shape = (count, side, side, channels)
    image = torch.zeros(1, 1, 1, 1, dtype=torch.uint8).expand(shape)
    train = Images(image, torch.zeros(count, dtype=torch.int64), ("a", "b"), ("",) * count)
    given = check(Config, {"network": network, "hflip": False})
    preprocessing: Preprocessing = {"size": [side, side], "channels": channels, "fit": "stretch"}
    data = DataSet("many", train, None, None, (), (), "", preprocessing)
    chosen = resolve(given, data)
    names = ("width", "epochs", "translate", "cutout")
    assert tuple(getattr(chosen, name) for name in names) == numbers
