"""Colour distortion: hue by the standard library's arithmetic, its shares, and grey images."""

import colorsys

import pytest
import torch

from handloom.models.layers.color_distortion import ColorDistortion, hue_shifted


def test_the_hue_turns_as_in_colorsys() -> None:
    torch.manual_seed(0)
    image = torch.rand(5, 3, 2, 3)
    turn = torch.tensor([-0.4, -0.1, 0.0, 0.2, 0.5])
    seen = hue_shifted(image, turn.view(-1, 1, 1, 1))
    for row in range(5):
        for place in range(6):
            pixel = image[row].flatten(1)[:, place].tolist()
            hue, saturation, value = colorsys.rgb_to_hsv(*pixel)
            expected = colorsys.hsv_to_rgb((hue + turn[row].item()) % 1, saturation, value)
            assert seen[row].flatten(1)[:, place].tolist() == pytest.approx(expected, abs=1e-5)


def test_grey_pixels_have_no_hue() -> None:
    image = torch.rand(4, 1, 3, 3).expand(4, 3, 3, 3)
    torch.testing.assert_close(hue_shifted(image, torch.full((4, 1, 1, 1), 0.3)), image)


def test_a_fifth_becomes_grey_and_a_fifth_of_the_rest_stays() -> None:
    torch.manual_seed(0)
    image = torch.rand(1, 3, 4, 4).mul(0.5).expand(4000, 3, 4, 4)
    seen = ColorDistortion(1.0)(image)
    is_grey = (seen[:, :1] - seen).abs().amax((1, 2, 3)) < 1e-6
    same = (seen - image).abs().amax((1, 2, 3)) < 1e-5
    assert is_grey.float().mean().item() == pytest.approx(0.2, abs=0.03)
    assert same.float().mean().item() == pytest.approx(0.8 * 0.2, abs=0.03)
    assert seen.min() >= 0
    assert seen.max() <= 1


def test_of_grey_images_brightness_and_contrast_change() -> None:
    torch.manual_seed(0)
    image = torch.rand(1, 1, 8, 8).expand(64, 1, 8, 8)
    seen = ColorDistortion(0.5)(image)
    assert seen.shape == image.shape
    assert seen.mean((1, 2, 3)).std() > 0.02
    assert (seen.std((1, 2, 3)) / seen.mean((1, 2, 3))).std() > 0.02


@pytest.mark.parametrize("strength", [-0.1, 1.3])
def test_a_strength_that_turns_colours_over_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="strength"):
        ColorDistortion(strength)
