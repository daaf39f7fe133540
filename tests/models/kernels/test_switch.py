"""HANDLOOM_KERNELS=0 turns every kernel of our own off."""

import os
import subprocess
import sys

import pytest
import torch

from handloom.models import kernels
from handloom.models.kernels.elman import elman, plain_elman


@pytest.mark.parametrize("relu", [False, True])
def test_a_kernel_equals_its_plain_version(relu: bool) -> None:
    torch.manual_seed(0)
    projected, weight = torch.randn(9, 3, 7, requires_grad=True), torch.randn(7, 7) / 4
    weight.requires_grad_()
    first = torch.randn(3, 7)
    loss = torch.randn(9, 3, 7)
    own, plain = (f(projected, weight, first, relu) for f in (elman, plain_elman))
    torch.testing.assert_close(own, plain)
    gradients = [torch.autograd.grad((y * loss).sum(), (projected, weight)) for y in (own, plain)]
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b)


def test_off_means_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "enabled", False)
    projected = torch.randn(2, 3, 4, requires_grad=True)
    assert "Elman" not in _operators(elman(projected, torch.eye(4), torch.zeros(3, 4)))
    monkeypatch.setattr(kernels, "enabled", True)
    assert "Elman" in _operators(elman(projected, torch.eye(4), torch.zeros(3, 4)))


def _operators(tensor: torch.Tensor) -> str:
    return str(tensor.grad_fn)


@pytest.mark.parametrize(("value", "enabled"), [("0", "False"), ("1", "True"), (None, "True")])
def test_the_environment_decides(value: str | None, enabled: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "HANDLOOM_KERNELS"}
    environment |= {} if value is None else {"HANDLOOM_KERNELS": value}
    code = "from handloom.models import kernels; print(kernels.enabled)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == enabled
