"""The Gram matrix written out is the one that style transfer uses, and forgets places."""

import torch
from torch.nn import functional as F

from handloom.foundations.gram import gram, style_loss
from handloom.objectives.gram import gram as objective_gram


def test_equals_the_objectives() -> None:
    features = torch.randn(4, 5, 6)
    torch.testing.assert_close(gram(features), objective_gram(features[None]))


def test_it_forgets_where() -> None:
    features = torch.randn(3, 4, 5)
    moved = features.roll((1, 2), (1, 2))
    torch.testing.assert_close(gram(moved), gram(features))
    assert F.mse_loss(moved, features) > 0.1
    assert style_loss(moved, features) < 1e-9
    assert style_loss(torch.randn(3, 4, 5), features) > 1e-3
