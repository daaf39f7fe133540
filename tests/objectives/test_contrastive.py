"""Contrastive losses against loops in float64, and gradients only where they belong."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from handloom.objectives.contrastive import (
    nt_xent,
    pairwise_contrastive,
    semi_hard_triplet,
    supervised_contrastive,
    triplet,
)


def rows(count: int = 10, width: int = 5, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(count, width, generator=generator), dim=1)


def cosines(embedding: Tensor) -> np.ndarray:
    values = embedding.double().numpy()
    result: np.ndarray = values @ values.T
    return result


LABEL = torch.tensor([0, 1, 2, 0, 1, 0, 1, 2, 0, 1])


def test_nt_xent_is_equation_1() -> None:
    embedding, losses = rows(), []
    s = cosines(embedding) / 0.3
    for i in range(10):
        j = (i + 5) % 10
        below = sum(math.exp(s[i, k]) for k in range(10) if k != i)
        losses.append(-math.log(math.exp(s[i, j]) / below))
    assert nt_xent(embedding, None, 0.3).item() == pytest.approx(np.mean(losses), rel=1e-5)


def test_supervised_contrastive_is_equation_2() -> None:
    embedding, losses = rows(), []
    s = cosines(embedding) / 0.2
    for i in range(10):
        positives = [p for p in range(10) if p != i and LABEL[p] == LABEL[i]]
        below = sum(math.exp(s[i, a]) for a in range(10) if a != i)
        losses.append(-np.mean([math.log(math.exp(s[i, p]) / below) for p in positives]))
    loss = supervised_contrastive(embedding, LABEL, 0.2)
    assert loss.item() == pytest.approx(np.mean(losses), rel=1e-5)


def test_supervised_contrastive_of_single_images_is_nt_xent() -> None:
    embedding, label = rows(8), torch.arange(4).repeat(2)
    torch.testing.assert_close(
        supervised_contrastive(embedding, label, 0.5), nt_xent(embedding, None, 0.5)
    )


def test_pairwise_contrastive_is_equation_4() -> None:
    embedding = rows()
    near, far = [], []
    for i in range(10):
        for j in range(i):
            distance = np.linalg.norm(embedding[i].double() - embedding[j].double())
            if LABEL[i] == LABEL[j]:
                near.append(distance**2 / 2)
            else:
                far.append(max(0.0, 1.2 - distance) ** 2 / 2)
    loss = pairwise_contrastive(embedding, LABEL, 1.2)
    assert loss.item() == pytest.approx(np.mean(near) + np.mean(far), rel=1e-5)


def test_triplet_is_equation_3() -> None:
    anchor, positive, negative = rows(6, seed=1), rows(6, seed=2), rows(6, seed=3)
    losses = [
        max(0.0, float(((a - p) ** 2).sum() - ((a - n) ** 2).sum()) + 0.2)
        for a, p, n in zip(anchor.double(), positive.double(), negative.double(), strict=True)
    ]
    assert 0 < losses.count(0.0) < 6  # some are satisfied, some are not
    assert triplet(anchor, positive, negative, 0.2).item() == pytest.approx(np.mean(losses))


def test_semi_hard_negatives_are_the_nearest_beyond_the_positive() -> None:
    embedding, losses = rows(), []
    d = 2 - 2 * cosines(embedding)
    for a in range(10):
        for p in range(10):
            if p == a or LABEL[p] != LABEL[a]:
                continue
            negatives = [d[a, n] for n in range(10) if LABEL[n] != LABEL[a]]
            beyond = [value for value in negatives if value > d[a, p]]
            far = min(beyond) if beyond else max(negatives)
            losses.append(max(0.0, d[a, p] - far + 0.5))
    loss = semi_hard_triplet(embedding, LABEL, 0.5)
    assert loss.item() == pytest.approx(np.mean(losses), rel=1e-4)


@pytest.mark.parametrize("loss", [pairwise_contrastive, semi_hard_triplet, supervised_contrastive])
def test_one_class_alone_gives_a_number_and_gradients(loss: object) -> None:
    assert callable(loss)
    embedding = rows().requires_grad_()
    value = loss(embedding, torch.zeros(10, dtype=torch.int64), 0.5)
    value.backward()
    assert value.isfinite()
    assert embedding.grad is not None
    assert embedding.grad.isfinite().all()


def test_copies_have_finite_gradients() -> None:
    """The slope of a distance at zero is not finite; pairs of copies are common in small sets."""
    embedding = rows(2).repeat(3, 1).requires_grad_()
    pairwise_contrastive(embedding, torch.arange(6), 1.0).backward()
    assert embedding.grad is not None
    assert embedding.grad.isfinite().all()


def test_losses_are_computed_in_float32_under_autocast() -> None:
    embedding = rows(64, 128)
    label = torch.arange(32).repeat(2)
    with torch.autocast("cpu", torch.bfloat16):
        under = [nt_xent(embedding, None, 0.1), supervised_contrastive(embedding, label, 0.1)]
    assert under[0].dtype == torch.float32
    torch.testing.assert_close(under[0], nt_xent(embedding, None, 0.1), rtol=1e-6, atol=0)
    torch.testing.assert_close(under[1], under[0])
