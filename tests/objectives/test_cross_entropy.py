"""The fused cross-entropy is torch's."""

import pytest
import torch
from torch.nn import functional as F

from handloom.objectives.cross_entropy import cross_entropy


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_equals_torch(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    logits = (torch.randn(40, 17) * 4).to(dtype).requires_grad_()
    target = torch.randint(17, (40,))
    wanted = F.cross_entropy(logits.float(), target)
    found = cross_entropy(logits, target)
    torch.testing.assert_close(found, wanted)
    (a,) = torch.autograd.grad(3 * wanted, logits)
    (b,) = torch.autograd.grad(3 * found, logits)
    torch.testing.assert_close(a, b)


def test_hopeless_targets_stay_finite() -> None:
    logits = torch.tensor([[0.0, 500.0]], requires_grad=True)
    loss = cross_entropy(logits, torch.tensor([0]))
    (gradient,) = torch.autograd.grad(loss, logits)
    assert loss.isfinite()
    torch.testing.assert_close(gradient, torch.tensor([[-1.0, 1.0]]))


def test_logits_stay_and_backward_runs_once() -> None:
    logits = torch.randn(6, 4, requires_grad=True)
    before = logits.detach().clone()
    loss = cross_entropy(logits, torch.tensor([0, 1, 2, 3, 0, 1]))
    loss.backward(retain_graph=True)
    torch.testing.assert_close(logits, before, rtol=0, atol=0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
