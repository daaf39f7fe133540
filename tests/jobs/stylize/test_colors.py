"""Colours kept."""

import torch

from handloom.jobs.stylize.colors import luminance, match_colors, match_luminance, recolored


def test_recolored_has_the_painted_light_and_the_photos_colours() -> None:
    photo = 0.3 + 0.4 * torch.rand(1, 3, 9, 7)
    painted = (luminance(photo) + 0.05 * torch.randn(1, 1, 9, 7)).clamp(0.2, 0.8)
    found = recolored(painted, photo)
    torch.testing.assert_close(luminance(found), painted, atol=1e-5, rtol=0)
    difference = lambda image: image[:, 0] - image[:, 2]
    torch.testing.assert_close(difference(found), difference(photo), atol=1e-5, rtol=0)


def test_matched_luminance_has_the_photos_mean_and_deviation() -> None:
    painting, photo = 0.2 * torch.rand(1, 1, 40, 40), 0.4 + 0.2 * torch.rand(1, 1, 30, 30)
    found = match_luminance(painting, photo)
    torch.testing.assert_close(found.mean(), photo.mean(), atol=1e-3, rtol=0)
    torch.testing.assert_close(found.std(), photo.std(), atol=1e-3, rtol=0)


def test_matched_colours_have_the_photos_mean_and_covariance() -> None:
    torch.manual_seed(0)
    painting = 0.3 + 0.3 * torch.rand(1, 3, 40, 40)
    photo = (0.5 + 0.05 * torch.randn(1, 1, 30, 30)) + 0.02 * torch.randn(1, 3, 30, 30)
    found, wanted = match_colors(painting, photo)[0].flatten(1), photo[0].flatten(1)
    torch.testing.assert_close(found.mean(1), wanted.mean(1), atol=5e-3, rtol=0)
    torch.testing.assert_close(torch.cov(found), torch.cov(wanted), atol=5e-4, rtol=0)


def test_a_grey_painting_can_be_matched() -> None:
    grey = torch.rand(1, 1, 20, 20).expand(-1, 3, -1, -1)
    assert match_colors(grey, torch.rand(1, 3, 20, 20)).isfinite().all()
