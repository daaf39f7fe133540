"""Copies are found however they were saved; what only looks alike is not."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from torch import Tensor

from handloom.data.images.duplicates import near, same

Change = Callable[[Image.Image], Image.Image]


def silent(what: str, done: int, total: int) -> None:
    pass


def again(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=40)
    return Image.open(buffer)


def images(count: int, change: Change, size: int = 64) -> Tensor:
    """Different textured images, changed, then brought to `size`."""
    made = []
    for number in range(count):
        coarse = np.random.RandomState(number).randint(0, 256, (9, 9, 3), dtype=np.uint8)
        image = change(Image.fromarray(coarse).resize((150, 150), Image.Resampling.BICUBIC))
        made.append(np.array(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)))
    return torch.from_numpy(np.stack(made))


CHANGES: dict[str, Change] = {
    "none": lambda image: image,
    "saved again": again,
    "half the size": lambda image: image.resize((75, 75)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "less contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.7),
    "grey": lambda image: image.convert("L"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_copies_are_found(change: str) -> None:
    image = torch.cat([images(40, CHANGES["none"]), images(40, CHANGES[change])])
    assert near(image, silent).tolist() == list(range(40)) * 2


def test_turned_or_other_images_are_not() -> None:
    image = torch.cat([images(40, CHANGES["none"]), images(40, lambda image: image.rotate(90))])
    assert near(image, silent).tolist() == list(range(80))


def test_products_on_white_are_not() -> None:
    """The same silhouette with another pattern each time."""
    random = np.random.RandomState(0)
    image = np.full((60, 64, 64, 3), 255, np.uint8)
    for number in range(60):
        pattern = random.randint(0, 130, (5, 4, 3), dtype=np.uint8)
        filled = Image.fromarray(pattern).resize((30, 44), Image.Resampling.BICUBIC)
        image[number, 10:54, 17:47] = np.array(filled)
    assert near(torch.from_numpy(image), silent).tolist() == list(range(60))


def test_blank_images_are_only_equal() -> None:
    image = torch.stack(
        [torch.full((64, 64, 3), value, dtype=torch.uint8) for value in (9, 9, 200)]
    )
    assert near(image, silent).tolist() == [0, 0, 2]


def test_small_images_are_only_equal() -> None:
    image = torch.cat([images(9, CHANGES["none"], 16), images(9, CHANGES["brighter"], 16)])
    assert near(image, silent).tolist() == list(range(18))
    assert near(torch.cat([image, image]), silent).tolist() == list(range(18)) * 2


@pytest.mark.parametrize("shape", [(7, 5, 1), (8, 8, 1), (3, 3, 3), (1, 1, 1)])
def test_equal_bytes(shape: tuple[int, ...]) -> None:
    random = np.random.RandomState(0)
    image = torch.from_numpy(random.randint(0, 4, (3000, *shape), dtype=np.uint8))
    first: dict[bytes, int] = {}
    expected = [first.setdefault(part.numpy().tobytes(), row) for row, part in enumerate(image)]
    assert same(image).tolist() == expected


def test_chains_are_one_group() -> None:
    base = images(1, CHANGES["none"])[0].float()
    image = torch.stack([base, base + 3, base + 6]).clamp(0, 255).byte()
    assert near(torch.cat([images(5, CHANGES["grey"]), image]), silent).tolist() == [
        0,
        1,
        2,
        3,
        4,
        0,
        0,
        0,
    ]


def test_none_and_one() -> None:
    assert near(torch.empty(0, 64, 64, 3, dtype=torch.uint8), silent).tolist() == []
    assert near(torch.zeros(1, 64, 64, 3, dtype=torch.uint8), silent).tolist() == [0]
