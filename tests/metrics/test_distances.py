"""KID, FID and the rest against formulas written out."""

import pytest
import torch
from torch import Tensor, nn

from handloom.metrics.distances import (
    frechet_distance,
    kernel_distance,
    mean_similarity,
    nearest,
    relative_distance,
    similarity_bandwidth,
)


def normal(count: int, features: int, seed: int, shift: float = 0.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return shift + torch.randn(count, features, generator=generator)


def unbiased_mmd(x: Tensor, y: Tensor) -> float:
    """Binkowski et al. 2018, eq. 4, in plain loops over a cubic kernel."""
    kernel = lambda a, b: (float(a @ b) / len(a) + 1) ** 3
    m, n = len(x), len(y)
    xx = sum(kernel(x[i], x[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    yy = sum(kernel(y[i], y[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    xy = sum(kernel(a, b) for a in x for b in y) / (m * n)
    return xx + yy - 2 * xy


def test_kid_is_the_unbiased_estimator() -> None:
    x, y = normal(12, 5, 0).double(), normal(15, 5, 1, 0.5).double()
    assert kernel_distance(x, y).value.item() == pytest.approx(unbiased_mmd(x, y), rel=1e-6)


def test_kid_of_one_distribution_is_nothing_on_average() -> None:
    found = torch.stack(
        [kernel_distance(normal(200, 8, 2 * i), normal(200, 8, 2 * i + 1)).value for i in range(20)]
    )
    assert abs(found.mean()) < 3 * found.std() / 20**0.5
    assert found.min() < 0 < found.max()
    assert kernel_distance(normal(200, 8, 0), normal(200, 8, 1, 0.5)).value > 10 * found.std()


@pytest.mark.parametrize(("shift", "least", "most"), [(0.5, 0.8, 1.25), (0.0, 0.8, 2.0)])
def test_the_standard_error_of_kid_is_its_deviation(
    shift: float, least: float, most: float
) -> None:
    """Of one distribution it is on the safe side: what it is estimated from is then noise alone."""
    found = [kernel_distance(normal(150, 8, 2 * i), normal(90, 8, 2 * i + 1, shift))
             for i in range(200)]  # fmt: skip
    deviation = torch.stack([each.value for each in found]).std()
    error = torch.stack([each.standard_error for each in found]).square().mean().sqrt()
    assert least < error / deviation < most


def test_fid_of_two_gaussians() -> None:
    x = normal(500, 3, 0)
    moved = x * torch.tensor([1.0, 2.0, 0.5]) + torch.tensor([0.0, 3.0, -1.0])
    # Their covariances: S and D S D; sqrt(S D S D) from the eigenvalues of the product.
    s, scale = x.double().T.cov(), torch.diag(torch.tensor([1.0, 2.0, 0.5]).double())
    other = scale @ s @ scale
    root = torch.linalg.eigvals(s @ other).sqrt().real.sum()
    away = x.double().mean(0) - moved.double().mean(0)
    expected = away.square().sum() + s.trace() + other.trace() - 2 * root
    assert frechet_distance(x, moved).item() == pytest.approx(expected.item(), rel=1e-4)
    # On one axis it is (m - m')^2 + (s - s')^2.
    line = normal(400, 1, 3)
    shifted = 3 * line + 2
    deviation, middle = line.std(), line.mean()
    gap = (3 * middle + 2 - middle) ** 2 + (2 * deviation) ** 2
    assert frechet_distance(line, shifted).item() == pytest.approx(gap.item(), rel=1e-4)


def test_fid_of_a_set_and_itself_is_nothing() -> None:
    x = normal(400, 6, 0)
    assert frechet_distance(x, x).item() == pytest.approx(0, abs=1e-4)


@pytest.mark.filterwarnings("ignore")  # of torchmetrics, about memory and a renamed option
def test_both_are_those_of_torchmetrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of numbers as large as features divided by their root mean square; one subset of all, in
    blocks."""
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchmetrics.image.kid import KernelInceptionDistance

    class Given(nn.Identity):
        num_features = 16

    real, generated = normal(300, 16, 0), normal(300, 16, 1, 0.2) * 1.1
    monkeypatch.setattr("handloom.metrics.distances.ROWS", 64)
    kernel = KernelInceptionDistance(Given(), subsets=1, subset_size=300)
    frechet = FrechetInceptionDistance(Given())
    for metric in (kernel, frechet):
        metric.update(real, real=True)
        metric.update(generated, real=False)
    expected = kernel.compute()[0]
    torch.testing.assert_close(kernel_distance(real, generated).value, expected, rtol=1e-4, atol=0)
    torch.testing.assert_close(frechet_distance(real, generated), frechet.compute())


def test_how_alike_images_are_is_the_mean_over_pairs() -> None:
    x = normal(30, 4, 0)
    pairs = [
        torch.exp(-((x[i] - x[j]).square().sum()) / 4).item()
        for i in range(30)
        for j in range(30)
        if i != j
    ]
    assert mean_similarity(x, torch.tensor(2.0)).item() == pytest.approx(
        sum(pairs) / len(pairs), rel=1e-4
    )


def test_ten_images_again_and_again_count_as_ten() -> None:
    real = normal(1000, 8, 0)
    width = similarity_bandwidth(real, 100)
    assert mean_similarity(real, width).item() == pytest.approx(1 / 100, rel=0.1)
    ten = 10 * normal(10, 8, 1)  # far apart
    assert 1 / mean_similarity(ten.repeat(100, 1), width).item() == pytest.approx(10, rel=0.05)


def test_nearest_over_several_blocks() -> None:
    x, y = normal(2500, 3, 0), normal(700, 3, 1)
    distance, place = nearest(x, y)
    whole = torch.cdist(x, y)
    assert torch.allclose(distance, whole.min(1).values, atol=1e-4)
    assert torch.allclose(whole.gather(1, place[:, None])[:, 0], distance, atol=1e-4)
    own, neighbour = nearest(x, x, same=True)
    assert (neighbour != torch.arange(2500)).all()
    assert (own > 0).all()


def test_closeness_is_in_units_of_the_neighbourhood() -> None:
    training = torch.cat([torch.arange(30.0), 50 + 0.1 * torch.arange(30.0)])[:, None]
    own, _ = nearest(training, training, same=True)
    dense = 50.04 + 0.1 * torch.arange(20.0)[:, None]
    assert relative_distance(*nearest(dense, training), own).item() == pytest.approx(0.4, abs=0.02)
    sparse = 5.4 + torch.arange(20.0)[:, None]
    assert relative_distance(*nearest(sparse, training), own).item() == pytest.approx(0.4, abs=0.02)
    assert relative_distance(*nearest(training, training), own).item() == 0
    # Images that are in the set twice do not divide by zero.
    twice = training.repeat(2, 1)
    own, _ = nearest(twice, twice, same=True)
    assert torch.isfinite(relative_distance(*nearest(dense, twice), own))
