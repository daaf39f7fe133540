"""Random changes of a batch, per example."""

from typing import Any, Literal

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from handloom.models.layers.augment import Augment

EVERYTHING: dict[str, Any] = {
    "translate": 2,
    "hflip": True,
    "rotate": 15.0,
    "scale": 0.1,
    "cutout": 3,
}


def images(channels: int = 3) -> Tensor:
    """(64, C, 8, 10), every pixel of an image different."""
    return torch.arange(64.0 * channels * 80).view(64, channels, 8, 10) / 20000


def test_nothing_happens_in_eval_mode() -> None:
    image = images()
    assert Augment(**EVERYTHING).eval()(image) is image


@pytest.mark.parametrize(("border", "mode"), [("reflect", "reflect"), ("zeros", "constant")])
@pytest.mark.parametrize("channels", [1, 3])
def test_translation_is_a_crop_of_the_padded_image(
    border: Literal["reflect", "zeros"], mode: str, channels: int
) -> None:
    image = images(channels).contiguous(memory_format=torch.channels_last)
    padded = F.pad(image, (2, 2, 2, 2), mode=mode)
    moved = Augment(translate=2, border=border)(image)
    crops = [padded[:, :, y : y + 8, x : x + 10] for y in range(5) for x in range(5)]
    chosen = torch.stack([(moved == crop).flatten(1).all(1) for crop in crops])  # (25, B)
    assert chosen.sum(0).eq(1).all()
    assert chosen.any(1).sum() > 15  # examples move on their own


def test_hflip_turns_about_half() -> None:
    image = images()
    mirrored = Augment(hflip=True)(image)
    same = (mirrored == image).flatten(1).all(1)
    turned = (mirrored == image.flip(3)).flatten(1).all(1)
    assert (same ^ turned).all()
    assert 15 < same.sum() < 49


def test_hflip_by_interpolation() -> None:
    image = images()
    warped = Augment(hflip=True, rotate=1e-6)(image)
    sides = torch.stack([image, image.flip(3)])
    assert (warped - sides).abs().amax((2, 3, 4)).min(0).values.max() < 1e-3


def test_rotation_keeps_a_disc_and_the_mean() -> None:
    y, x = torch.meshgrid(torch.arange(20) - 9.5, torch.arange(30) - 14.5, indexing="ij")
    disc = (6.5 - (x**2 + y**2).sqrt()).clamp(0, 1).expand(32, 1, 20, 30)
    turned = Augment(rotate=45.0, border="zeros")(disc)
    assert (turned - disc).abs().max() < 0.25  # bilinear blur at the edge; an ellipse gives 1


def test_scale_within_bounds() -> None:
    image = torch.zeros(64, 1, 40, 40)
    image[:, :, 10:30, 10:30] = 1
    area = Augment(scale=0.2, border="zeros")(image).sum((1, 2, 3)) / 400
    assert 1.2**-2 - 0.02 < area.min() < 0.85
    assert 1.2 < area.max() < 1.2**2 + 0.02


def test_cutout_paints_a_square_with_the_mean() -> None:
    image = images()
    cut = Augment(cutout=4)(image)
    changed = (cut != image).any(1)  # (B, H, W)
    assert changed.sum((1, 2)).max() == 16
    painted = torch.where((cut != image), cut, image.mean((1, 2, 3), keepdim=True))
    torch.testing.assert_close(painted, image.mean((1, 2, 3), keepdim=True).expand_as(image))


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("border", ["reflect", "zeros"])
def test_seeded_and_of_the_same_kind(
    memory_format: torch.memory_format, border: Literal["reflect", "zeros"]
) -> None:
    image = images().contiguous(memory_format=memory_format)
    augment = Augment(**EVERYTHING, border=border)
    torch.manual_seed(3)
    first = augment(image)
    torch.manual_seed(3)
    assert torch.equal(augment(image), first)
    assert first.shape == image.shape
    assert first.dtype == image.dtype
    assert image.equal(images())
    assert first.min() >= 0
    assert first.max() <= image.max()


@pytest.mark.parametrize(
    "option", [{"translate": -1}, {"cutout": -1}, {"rotate": -1.0}, {"scale": 1}]
)
def test_refuses_impossible_numbers(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Augment(**option)


def test_translate_must_be_smaller_than_the_image() -> None:
    with pytest.raises(ValueError, match="translate is 8"):
        Augment(translate=8)(images())


@pytest.mark.parametrize(
    "option", [{"translate": 2, "hflip": True}, {"rotate": 5.0}, {"cutout": 2}]
)
def test_never_waits_for_the_host(option: dict[str, Any]) -> None:
    with NoHostWait():  # type: ignore[no-untyped-call]
        Augment(**option)(images())


class NoHostWait(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Fails on operators whose answer the host has to read."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        names = ("_local_scalar_dense", "nonzero", "masked_select")
        assert not any(name in str(func) for name in names), func
        return func(*args, **(kwargs or {}))
