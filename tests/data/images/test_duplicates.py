"""Copies are found however they were saved; what only looks alike is not."""

import io
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from torch import Tensor

from handloom.data.images.duplicates import near as groups_of
from handloom.data.images.duplicates import same
from handloom.data.images.frames import MOST_COPIES

Change = Callable[[Image.Image], Image.Image]


def silent(what: str, done: int, total: int) -> None:
    pass


def near(image: Tensor, report: Callable[[str, int, int], None]) -> Tensor:
    """The copies, which are alike as well."""
    groups = groups_of(image, report)
    assert bool((groups.alike[groups.copies] == groups.alike).all())
    return groups.copies


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
    "mirrored": ImageOps.mirror,
    "mirrored and saved again": lambda image: again(ImageOps.mirror(image)),
    "cut by 1 % a side": lambda image: ImageOps.crop(image, 2),
    "cut by 3 % a side": lambda image: ImageOps.crop(image, 4),
    "cut by 5 % a side": lambda image: ImageOps.crop(image, 8),
    "cut on one side": lambda image: image.crop((0, 0, 144, 146)),
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


def scene(seed: int = 0, width: int = 400) -> Image.Image:
    """A detailed scene, as a camera sees it."""
    coarse = np.random.RandomState(seed).randint(0, 256, (30, width // 10, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, 300), Image.Resampling.BICUBIC)


def shot(view: Image.Image, seed: int, noise: float = 5.0) -> Image.Image:
    """What a camera records: the view with the sensor's noise and a little more or less light."""
    random, pixels = np.random.RandomState(seed), np.asarray(view, float)
    pixels = pixels + random.normal(0, noise, (*pixels.shape[:2], 1)) + random.normal(0, 3)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def part(seed: int, has_scratch: bool = False) -> Image.Image:
    """A part under a fixed camera."""
    view = Image.new("RGB", (256, 256), (60, 60, 60))
    draw = ImageDraw.Draw(view)
    draw.ellipse((38, 38, 218, 218), (180, 180, 180))
    for radius in range(10, 80, 12):
        draw.ellipse((128 - radius, 128 - radius, 128 + radius, 128 + radius), outline=(90, 90, 90))
    if has_scratch:
        x, y = np.random.RandomState(seed).randint(80, 160, 2).tolist()
        draw.line((x, y, x + 20, y + 14), (240, 240, 240), 4)
    return shot(view, seed)


def following(number: int) -> Image.Image:
    """A burst: something passes in front of a still scene."""
    view = scene()
    ImageDraw.Draw(view).rectangle((40 + 6 * number, 120, 100 + 6 * number, 200), (220, 30, 30))
    return shot(view, number)


FRAMES: dict[str, Callable[[int], Image.Image]] = {
    "a part under a fixed camera": part,
    "a still scene": lambda number: shot(scene(), number),
    "a noisy sensor": lambda number: shot(scene(), number, 12.0),
    "something passes": following,
    "the camera turns": lambda number: shot(
        scene(width=800).crop((4 * number, 0, 4 * number + 300, 300)), number
    ),
}


@cache
def frame(kind: str, number: int) -> Image.Image:
    return FRAMES[kind](number)


def stacked(made: Sequence[Image.Image]) -> Tensor:
    small = [image.convert("RGB").resize((64, 64), Image.Resampling.BILINEAR) for image in made]
    return torch.from_numpy(np.stack([np.asarray(image) for image in small]))


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_of_one_camera_are_no_copies(kind: str) -> None:
    groups = groups_of(stacked([frame(kind, number) for number in range(60)]), silent)
    _, size = groups.copies.unique(return_counts=True)
    assert size.max() <= MOST_COPIES  # neighbours in which hardly anything moved
    assert size.tolist().count(1) >= 45
    if kind != "the camera turns":
        assert len(groups.alike.unique()) <= 3


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("change", ["saved again", "half the size", "mirrored"])
def test_copies_of_frames_are_found_among_frames(kind: str, change: str) -> None:
    made = [frame(kind, number) for number in range(40)]
    made += [CHANGES[change](image) for image in made[:10]]
    copies = groups_of(stacked(made), silent).copies
    found = sum(int(copies[40 + number] == copies[number]) for number in range(10))
    assert found >= 8
    assert len(copies[:40].unique()) >= 35


def test_scratched_parts_are_not_copies_of_good_ones() -> None:
    made = [part(number, has_scratch=number >= 60) for number in range(120)]
    copies = groups_of(stacked(made), silent).copies
    assert not set(copies[:60].tolist()) & set(copies[60:].tolist())
    assert len(copies.unique()) >= 105


def test_some_frames_of_many_scenes_are_alike_and_can_be_kept_together() -> None:
    made = [shot(scene(seed), 10 * seed + number) for seed in range(12) for number in range(3)]
    alike = groups_of(stacked(made), silent).alike
    assert alike.tolist() == [3 * seed for seed in range(12) for _ in range(3)]


def test_none_and_one() -> None:
    assert near(torch.empty(0, 64, 64, 3, dtype=torch.uint8), silent).tolist() == []
    assert near(torch.zeros(1, 64, 64, 3, dtype=torch.uint8), silent).tolist() == [0]
