"""RandAugment: each operation against Pillow's or by hand, and how they are drawn."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor

from handloom.models.layers.rand_augment import (
    AFFINE,
    COLOR,
    OPERATIONS,
    TONE,
    RandAugment,
    equalized,
    moved,
    posterized,
    recolored,
    toned,
)


def photo(channels: int = 3, seed: int = 0, size: tuple[int, int] = (30, 40)) -> Tensor:
    """Smooth and not even, in whole levels: (1, C, H, W)."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(1, channels, 5, 6, generator=generator) * 0.7
    image = torch.nn.functional.interpolate(small, size, mode="bilinear")
    return (image * 255).round() / 255


def pillow(image: Tensor, change: Callable[[Any], Any]) -> Tensor:
    array = (image[0].permute(1, 2, 0) * 255).round().byte().numpy()
    made = change(Image.fromarray(array))
    return torch.from_numpy(np.array(made)).permute(2, 0, 1)[None] / 255


def still(names: tuple[str, ...], **amounts: float) -> dict[str, Tensor]:
    return {name: torch.tensor([amounts.get(name, 0.0)]) for name in names}


def only(name: str) -> dict[str, Tensor]:
    return {other: torch.tensor([other == name]) for other in TONE}


def test_posterize_and_solarize_are_pillows() -> None:
    image = photo()
    for bits in (8, 6, 4):
        wanted = pillow(image, lambda i, bits=bits: ImageOps.posterize(i, bits))
        torch.testing.assert_close(posterized(image, bits), wanted)
    wanted = pillow(image, lambda i: ImageOps.solarize(i, 128))
    torch.testing.assert_close(toned(image, only("solarize"), 0.5), wanted)


def test_equalize_and_autocontrast_are_pillows() -> None:
    image = photo(size=(300, 400))  # Pillow counts in whole pixels a level: in a small one, few
    wanted = pillow(image, ImageOps.equalize)
    torch.testing.assert_close(equalized(image), wanted, rtol=0, atol=2 / 255)
    wanted = pillow(image, ImageOps.autocontrast)
    torch.testing.assert_close(toned(image, only("autocontrast"), 0.5), wanted, rtol=0, atol=0.005)


def test_one_level_alone_stays() -> None:
    flat = torch.full((2, 3, 8, 8), 0.3)
    assert equalized(flat).equal(flat)
    assert toned(flat, {name: torch.tensor([True, True]) for name in TONE}, 1.0).isfinite().all()


@pytest.mark.parametrize(
    ("name", "enhance"),
    [("brightness", ImageEnhance.Brightness), ("contrast", ImageEnhance.Contrast),
     ("color", ImageEnhance.Color)],
)  # fmt: skip
@pytest.mark.parametrize("amount", [-1.0, 0.4])
def test_colours_are_pillows(name: str, enhance: Any, amount: float) -> None:
    image = photo()
    wanted = pillow(image, lambda i: enhance(i).enhance(1 + 0.9 * amount))
    made = recolored(image, still(COLOR, **{name: amount}))
    torch.testing.assert_close(made, wanted, rtol=0, atol=3 / 255)


def test_sharpness_zero_is_a_blur_and_one_the_image() -> None:
    image = photo()
    torch.testing.assert_close(recolored(image, still(COLOR)), image)
    blurred = recolored(image, still(COLOR, sharpness=-1.0))
    sharp = recolored(image, still(COLOR, sharpness=1.0))
    slope = [made.diff(dim=3).abs().mean() for made in (blurred, image, sharp)]
    assert slope[0] <= slope[1] <= slope[2]


def test_nothing_moves_where_nothing_is_asked() -> None:
    torch.testing.assert_close(moved(photo(), still(AFFINE)), photo(), rtol=0, atol=1e-5)


def test_a_translation_is_a_share_of_the_side() -> None:
    image = photo()
    made = moved(image, still(AFFINE, translate_x=1 / 0.45 / 4))  # a quarter: 10 of 40 columns
    torch.testing.assert_close(made[..., :30], image[..., 10:], rtol=0, atol=1e-4)


def test_a_rotation_keeps_circles_round() -> None:
    """A disc in the middle of an image that is not square."""
    y, x = torch.meshgrid(torch.arange(60) - 29.5, torch.arange(100) - 49.5, indexing="ij")
    disc = ((x**2 + y**2).sqrt() < 20).float()[None, None]
    made = moved(disc, still(AFFINE, rotate=1.0), "zeros")
    assert (made - disc).abs().mean() < 0.01
    bar = ((x.abs() < 25) & (y.abs() < 3)).float()[None, None]
    turned = moved(bar, still(AFFINE, rotate=1.0), "zeros")[0, 0]
    weight = turned / turned.sum()
    slope = (weight * x * y).sum() / (weight * x * x).sum()
    assert abs(abs(torch.atan(slope).rad2deg().item()) - 30) < 2


def test_every_image_draws_as_many_operations_and_all_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from handloom.models.layers import rand_augment

    seen: dict[str, Tensor] = {}

    def spying(image: Tensor, chosen: dict[str, Tensor], _: float) -> Tensor:
        seen.update(chosen)
        return image

    monkeypatch.setattr(rand_augment, "toned", spying)
    torch.manual_seed(0)
    RandAugment(3, 5)(photo().expand(400, -1, -1, -1))
    drawn = torch.stack([seen[name] for name in OPERATIONS]).float()  # (14, 400)
    assert (drawn.sum(0) == 3).all()
    assert (drawn.mean(1) - 3 / 14).abs().max() < 0.1


@pytest.mark.parametrize("channels", [1, 3])
def test_images_stay_images(channels: int) -> None:
    torch.manual_seed(0)
    image = photo(channels).expand(64, -1, -1, -1)
    made = RandAugment(4, 10, "zeros")(image)
    assert made.shape == image.shape
    assert made.min() >= 0
    assert made.max() <= 1
    assert ((made - image).abs().amax((1, 2, 3)) > 0.01).float().mean() > 0.9
    assert len({round(float(one.mean()), 5) for one in made}) > 50


def test_nothing_happens_in_eval_mode_or_at_zero() -> None:
    image = photo()
    assert RandAugment(3, 5).eval()(image) is image
    assert RandAugment(0, 5)(image) is image
    gentle = RandAugment(14, 0)(image)  # equalize and autocontrast have no strength
    assert gentle.shape == image.shape


@pytest.mark.parametrize(("count", "magnitude"), [(-1, 5), (15, 5), (2, 11), (2, -1)])
def test_numbers_out_of_range(count: int, magnitude: float) -> None:
    with pytest.raises(ValueError, match="count must be 0 to 14, magnitude 0 to 10"):
        RandAugment(count, magnitude)


def test_never_waits_for_the_host() -> None:
    from handloom.models.layers.erase import Erase
    from tests.models.layers.test_augment import NoHostWait

    with NoHostWait():  # type: ignore[no-untyped-call]
        Erase(0.5)(RandAugment(2, 5)(photo().expand(8, -1, -1, -1)))
