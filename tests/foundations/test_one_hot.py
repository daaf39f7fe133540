"""one_hot(x) W is a row of W, and so is its gradient."""

import torch
from torch.nn import functional as F

from handloom.foundations.one_hot import look_up, one_hot, product

TOKENS = torch.tensor([[0, 3, 3], [2, 0, 1]])


def test_one_hot() -> None:
    assert torch.equal(one_hot(TOKENS, 5), F.one_hot(TOKENS, 5).float())


def test_the_product_is_the_row_to_the_bit() -> None:
    W = torch.randn(5, 4)
    assert torch.equal(product(TOKENS, W), look_up(TOKENS, W))
    assert torch.equal(look_up(TOKENS, W), F.embedding(TOKENS, W))


def test_the_gradient_reaches_the_rows_that_were_looked_up() -> None:
    gradients = []
    for way in (product, look_up):
        W = torch.ones(5, 4, requires_grad=True)
        (way(TOKENS, W) * torch.arange(24.0).view(2, 3, 4)).sum().backward()
        assert W.grad is not None
        gradients.append(W.grad)
    torch.testing.assert_close(*gradients)
    assert gradients[0][4].tolist() == [0, 0, 0, 0]
    assert (gradients[0][3] != 0).all()
