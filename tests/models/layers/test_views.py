"""Views: every image its own, of the parts asked for, repeatable, without waiting."""

import pytest
import torch

from handloom.models.layers.views import Views
from tests.engine.conftest import NoWaiting

PLAIN = dict(hflip=False, rotate=0.0, color=0.0, blur=0.0)


def ramp(batch: int = 64) -> torch.Tensor:
    """(B, 3, 24, 32): red grows to the right, green downwards, blue is constant."""
    x = torch.linspace(0, 1, 32).expand(24, 32)
    y = torch.linspace(0, 1, 24).view(24, 1).expand(24, 32)
    return torch.stack([x, y, torch.full((24, 32), 0.5)]).repeat(batch, 1, 1, 1)


def test_without_changes_a_view_is_the_image() -> None:
    image = ramp(4)
    seen = Views((24, 32), crop=1.0, **PLAIN)(image)  # type: ignore[arg-type]
    torch.testing.assert_close(seen, image, atol=1e-5, rtol=0)


def test_crops_keep_the_share_asked_for() -> None:
    """The range of red and of green are the shares of width and height that are seen."""
    torch.manual_seed(0)
    seen = Views((24, 32), crop=0.25, **PLAIN)(ramp(512))  # type: ignore[arg-type]
    width = seen[:, 0].amax((1, 2)) - seen[:, 0].amin((1, 2))
    height = seen[:, 1].amax((1, 2)) - seen[:, 1].amin((1, 2))
    assert (width * height).min() > 0.18  # a quarter, less half a pixel at each side
    assert (width * height).std() > 0.1


def test_half_of_the_views_are_mirrored() -> None:
    torch.manual_seed(0)
    seen = Views((24, 32), crop=0.5, **(PLAIN | {"hflip": True}))(ramp(1000))  # type: ignore[arg-type]
    mirrored = seen[:, 0, 12, 0] > seen[:, 0, 12, -1]
    assert mirrored.float().mean().item() == pytest.approx(0.5, abs=0.06)


def test_a_rotation_keeps_circles_round() -> None:
    """A disc in an image that is not square stays a disc."""
    torch.manual_seed(0)
    y, x = torch.meshgrid(torch.arange(20.0), torch.arange(32.0), indexing="ij")
    disc = (((y - 9.5) ** 2 + (x - 15.5) ** 2) < 49).float().expand(16, 1, 20, 32)
    seen = Views((20, 32), crop=1.0, **(PLAIN | {"rotate": 90.0}), border="zeros")(disc)  # type: ignore[arg-type]
    assert ((seen - disc).abs() > 0.7).float().mean() < 0.01


def test_views_are_repeatable_in_range_and_differ() -> None:
    for channels in (1, 3):
        image = torch.rand(1, channels, 16, 16).repeat(12, 1, 1, 1)
        views = Views((16, 16), 0.2, True, 10.0, 1.0, 0.5, 0.05)
        torch.manual_seed(3)
        first = views(image)
        torch.manual_seed(3)
        assert torch.equal(first, views.eval()(image))  # in eval mode too
        assert len({tuple(view.flatten().tolist()) for view in first}) == 12
        assert first.min() >= 0
        assert first.max() <= 1


def test_places_are_exact_under_autocast() -> None:
    image, views = ramp(8), Views((24, 32), crop=0.3, **PLAIN)  # type: ignore[arg-type]
    torch.manual_seed(0)
    plain = views(image)
    torch.manual_seed(0)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(views(image), plain)


def test_waits_for_nothing() -> None:
    views = Views((16, 16), 0.2, True, 10.0, 1.0, 0.5, 0.05)
    with NoWaiting():
        views(torch.rand(4, 3, 16, 16))


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="crop"):
        Views((8, 8), crop=0.0)
