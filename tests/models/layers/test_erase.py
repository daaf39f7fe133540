"""Random erasing: where, how much, how often."""

import pytest
import torch

from handloom.models.layers.erase import Erase


def erased(probability: float, count: int = 600) -> torch.Tensor:
    """Which pixels are changed, (N, H, W)."""
    torch.manual_seed(0)
    image = torch.full((count, 3, 32, 48), 2.0)  # no noise has this value
    return (Erase(probability)(image) != 2.0).all(1)


def test_as_many_images_as_asked_and_the_others_stay() -> None:
    share = erased(0.3).any(2).any(1).float().mean()
    assert abs(share - 0.3) < 0.07
    assert not erased(0.0).any()


def test_a_rectangle_of_2_to_40_per_cent() -> None:
    mask = erased(1.0)
    area = mask.float().mean((1, 2))
    assert area.min() > 0.01
    assert area.max() < 0.42
    assert area.std() > 0.08
    rows, columns = mask.any(2).sum(1), mask.any(1).sum(1)
    assert (rows * columns == mask.sum((1, 2))).all()  # whole, in one piece
    aspect = (rows / 32) / (columns / 48)
    assert aspect.min() < 0.5 < 2 < aspect.max()


def test_rectangles_lie_everywhere() -> None:
    blocks = erased(1.0).float().mean(0).view(4, 8, 4, 12).mean((1, 3))
    assert blocks.min() > 0.02
    assert blocks.max() < 0.5


def test_noise_differs_from_image_to_image() -> None:
    torch.manual_seed(0)
    made = Erase(1.0)(torch.zeros(8, 3, 16, 16))
    assert 0 < made.max() <= 1
    assert len({float(one.sum()) for one in made}) == 8


def test_nothing_happens_in_eval_mode() -> None:
    image = torch.rand(2, 3, 8, 8)
    assert Erase(1.0).eval()(image) is image
    with pytest.raises(ValueError, match="probability"):
        Erase(1.5)
