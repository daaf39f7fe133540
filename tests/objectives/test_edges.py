"""The structure term: zero at the photo, colours free, plain places counting as told."""

import pytest
import torch

from handloom.objectives.edges import LUMA, blurred, blurred_gradients, edges, structure


def photo() -> torch.Tensor:
    """A bright square on dark ground, (1, 3, 40, 48)."""
    image = torch.full((1, 3, 40, 48), 0.2)
    image[:, :, 10:30, 8:24] = 0.8
    return image


def test_the_photo_itself_is_at_zero_and_flat_grey_at_one() -> None:
    image = photo()
    target = edges(image, plain=1.0)
    assert structure(image, target).item() == 0
    assert structure(torch.full_like(image, 0.5), target).item() == pytest.approx(1, abs=1e-5)


def test_colours_of_equal_luminance_cost_nothing() -> None:
    image = photo()
    shift = torch.tensor([0.1, -0.1 * LUMA[0] / LUMA[1], 0.0]).view(1, 3, 1, 1)
    assert structure(image + shift, edges(image, 0.1)).item() < 1e-8
    grey = image[:, :1]
    assert structure(grey, edges(image, 0.1)).item() < 1e-8


def test_strokes_cost_less_where_the_photo_is_plain() -> None:
    image = photo()
    target = edges(image, plain=0.1)
    strokes = torch.zeros_like(image)
    strokes[:, :, :, ::12] = 0.3
    away, on_edge = image.clone(), image.clone()
    away[:, :, :, 36:] += strokes[:, :, :, 36:]
    on_edge[:, :, :, :12] += strokes[:, :, :, :12]
    ratios = [
        structure(changed, target).item() / structure(changed, edges(image, 1.0)).item()
        for changed in (away, on_edge)
    ]
    assert ratios[0] == pytest.approx(0.1, abs=0.05)
    assert ratios[1] > 2 * ratios[0]


def test_blur_has_a_deviation_of_two_pixels_and_keeps_the_mean() -> None:
    point = torch.zeros(1, 1, 41, 41)
    point[0, 0, 20, 20] = 1
    soft = blurred(point)[0, 0]
    places = torch.arange(41.0) - 20
    assert soft.sum().item() == pytest.approx(1, abs=1e-5)
    assert (soft.sum(0) * places.square()).sum().item() == pytest.approx(4, abs=1e-4)


def test_gradients_have_the_size_of_the_image_even_of_a_tiny_one() -> None:
    assert blurred_gradients(torch.rand(1, 3, 7, 9)).shape == (1, 2, 7, 9)
    assert blurred_gradients(torch.rand(1, 1, 2, 2)).shape == (1, 2, 2, 2)
