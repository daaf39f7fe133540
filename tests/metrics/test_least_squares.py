"""Least squares in closed form, beside torch's own."""

import pytest
import torch
from torch.nn import functional as F

from handloom.metrics import least_squares as module
from handloom.metrics.least_squares import least_squares


@pytest.mark.parametrize("bias", [False, True])
def test_equals_torchs(bias: bool) -> None:
    torch.manual_seed(0)
    before, after = torch.rand(2, 3, 9, 8), torch.rand(2, 2, 8, 6)
    counts = (torch.rand(2, 1, 8, 6) < 0.7).float()
    solution = least_squares(before, after, counts, (2, 3), bias)
    patches = F.unfold(before, (2, 3)).transpose(1, 2).reshape(-1, 18)
    wanted = after.flatten(2).transpose(1, 2).reshape(-1, 2)
    kept = counts.flatten().bool()
    if bias:
        patches = F.pad(patches, (0, 1), value=1.0)
    weights = torch.linalg.lstsq(patches[kept], wanted[kept]).solution
    torch.testing.assert_close(solution.kernel.flatten(1).T, weights[:18], atol=1e-3, rtol=1e-3)
    away = (patches @ weights - wanted)[kept]
    assert solution.mean_square == pytest.approx(away.square().mean().item(), rel=1e-4)
    assert solution.undetermined == 0
    if bias:
        assert solution.bias is not None
        torch.testing.assert_close(solution.bias, weights[18], atol=1e-3, rtol=1e-3)


def test_eigenvalues_are_those_of_the_hessian() -> None:
    before, after = torch.rand(1, 1, 6, 7), torch.rand(1, 1, 6, 6)
    counts = torch.ones_like(after)

    def loss(kernel: torch.Tensor) -> torch.Tensor:
        return (F.conv2d(before, kernel.view(1, 1, 1, 2)) - after).square().mean()

    hessian = torch.autograd.functional.hessian(loss, torch.zeros(2))
    expected = torch.linalg.eigvalsh(hessian).double()
    values = least_squares(before, after, counts, (1, 2)).eigenvalues
    torch.testing.assert_close(values, expected, atol=1e-5, rtol=1e-5)


def test_an_even_image_leaves_the_kernel_open() -> None:
    before, after = torch.ones(1, 1, 6, 6), torch.full((1, 1, 5, 5), 2.0)
    solution = least_squares(before, after, torch.ones_like(after), (2, 2))
    assert solution.undetermined == 3
    torch.testing.assert_close(solution.kernel, torch.full((1, 1, 2, 2), 0.5))


def test_strips_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = torch.rand(1, 1, 20, 7), torch.rand(1, 1, 18, 5)
    counts = torch.ones_like(after)
    whole = least_squares(before, after, counts, (3, 3))
    monkeypatch.setattr(module, "MOST_NUMBERS", 9 * 5 * 4)
    strips = least_squares(before, after, counts, (3, 3))
    torch.testing.assert_close(strips.kernel, whole.kernel)
