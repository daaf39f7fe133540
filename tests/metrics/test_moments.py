"""Moments of pixels against NumPy's, and of a set of one colour."""

import numpy as np
import pytest
import torch

from handloom.metrics.moments import pixel_moments


def test_moments_are_numpy_s() -> None:
    image = torch.randint(0, 256, (7, 5, 4, 3), dtype=torch.uint8)
    mean, std = pixel_moments(image, None)
    levels = image.numpy().astype(np.float64) / 255
    assert mean == pytest.approx(levels.mean((0, 1, 2)).tolist(), abs=1e-4)
    assert std == pytest.approx(levels.std((0, 1, 2)).tolist(), abs=1e-4)


def test_one_colour_has_a_deviation_to_divide_by() -> None:
    assert pixel_moments(torch.full((3, 2, 2, 1), 255, dtype=torch.uint8), None) == ([1.0], [0.01])
