"""Random crops and colours, per example."""

import pytest
import torch

from handloom.models.layers.photo_augment import PhotoAugment


def ramp(batch: int = 64) -> torch.Tensor:
    """(B, 3, 24, 32): red grows to the right, green downwards, blue is constant."""
    x = torch.linspace(0, 1, 32).expand(24, 32)
    y = torch.linspace(0, 1, 24).view(24, 1).expand(24, 32)
    return torch.stack([x, y, torch.full((24, 32), 0.5)]).expand(batch, 3, 24, 32)


def test_nothing_happens_in_eval_mode() -> None:
    image = ramp()
    assert PhotoAugment((12, 16), 0.3, 0.4).eval()(image) is image


def test_images_come_out_at_the_size_asked_for() -> None:
    assert PhotoAugment((12, 16))(ramp()).shape == (64, 3, 12, 16)
    image = ramp()
    assert PhotoAugment((24, 32))(image) is image


def test_scaling_alone_keeps_what_is_where() -> None:
    small = PhotoAugment((12, 16))(ramp(1))
    torch.testing.assert_close(small[0, 0, 6], torch.linspace(0, 1, 16), atol=0.04, rtol=0)


def test_crops_keep_at_least_the_share_asked_for() -> None:
    """The range of red and of green are the shares of width and height that are seen."""
    torch.manual_seed(0)
    seen = PhotoAugment((24, 32), crop=0.25)(ramp(512))
    width = seen[:, 0].amax((1, 2)) - seen[:, 0].amin((1, 2))
    height = seen[:, 1].amax((1, 2)) - seen[:, 1].amin((1, 2))
    area = width * height
    assert area.min() > 0.18  # a quarter, less half a pixel at each side
    assert area.max() <= 1.0
    assert area.std() > 0.1
    assert (width / height).std() > 0.05


def test_every_example_draws_its_own_numbers() -> None:
    torch.manual_seed(0)
    seen = PhotoAugment((8, 8), crop=0.3, color=0.3)(ramp(8))
    assert len({tuple(image.flatten().tolist()) for image in seen}) == 8


def test_colors_change_within_bounds_and_stay_in_range() -> None:
    torch.manual_seed(0)
    image = torch.full((256, 3, 4, 4), 0.5)
    seen = PhotoAugment((4, 4), color=0.2)(image)
    assert seen.min() >= 0.4 - 1e-6
    assert seen.max() <= 0.6 + 1e-6
    assert seen.mean((1, 2, 3)).std() > 0.03
    assert PhotoAugment((4, 4), color=0.9)(torch.rand(64, 3, 4, 4)).max() <= 1.0


@pytest.mark.parametrize("channels", [1, 3])
def test_colors_in_one_pass_are_those_one_after_the_other(channels: int) -> None:
    image = torch.rand(16, channels, 6, 5, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(0)
    seen = PhotoAugment((6, 5), color=0.5)(image)
    torch.manual_seed(0)
    brightness, contrast, saturation = 0.5 + torch.rand(3, 16, 1, 1, 1)
    wanted = image * brightness
    wanted = torch.lerp(wanted.mean((1, 2, 3), keepdim=True), wanted, contrast)
    if channels == 3:
        grey = (wanted * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
        wanted = torch.lerp(grey, wanted, saturation)
    torch.testing.assert_close(seen, wanted.clamp(0, 1))


@pytest.mark.parametrize("numbers", [(0.0, 0.0), (1.5, 0.0), (0.5, 1.0), (0.5, -0.1)])
def test_numbers_out_of_range_are_refused(numbers: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="crop must be"):
        PhotoAugment((8, 8), *numbers)


def seen_of_ramps(aspect: float, crop: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Shares of width and height that crops see of stretched images."""
    torch.manual_seed(0)
    seen = PhotoAugment((24, 32), crop)(ramp(512), torch.full((512,), aspect))
    return tuple(seen[:, c].amax((1, 2)) - seen[:, c].amin((1, 2)) for c in (0, 1))  # type: ignore[return-value]


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_crops_of_stretched_images_have_the_shapes_of_those_before(aspect: float) -> None:
    width, height = seen_of_ramps(aspect, 0.1)
    inside = (width < 0.9) & (height < 0.9)  # others end at an edge, and are narrower
    shape = (aspect * width / height)[inside]
    assert 0.6 < shape.min() < shape.median() < shape.max() < 1.7  # 3:4 to 4:3, less a pixel
    assert 0.9 < shape.median() < 1.1


def test_a_crop_never_leaves_the_image() -> None:
    width, height = seen_of_ramps(4.0, 0.9)
    assert width.max() < 0.7
    assert height.min() > 0.9
