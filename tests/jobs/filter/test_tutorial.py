"""The tutorial's kernel, by the numbers that it prints (Dive into Deep Learning, section 7.2.4).

With e = kernel - (1, -1), u = (e0 + e1) / sqrt 2 and v = (e0 - e1) / sqrt 2, the loss over its six
rows is 30 u^2 + 6 v^2. A step with rate 0.03 multiplies u by 1 - 0.03 * 60 = -0.8 and v by
1 - 0.03 * 12 = 0.64. The first two losses therefore give u^2 and v^2, and all the others follow.
"""

import math
from itertools import product
from pathlib import Path

import pytest
import torch

import handloom
from handloom.engine.loop import Callback, Fit
from handloom.jobs.filter import build, defaults
from handloom.jobs.filter.config import Config

PRINTED = [10.272, 4.320, 1.842, 0.801, 0.358, 0.165, 0.080, 0.040, 0.022, 0.012]
KERNEL = (0.9799, -0.9993)
ROOT = math.sqrt(2)


def starts() -> list[tuple[float, float]]:
    """The four kernels whose first two losses are those that are printed."""
    u2 = (PRINTED[1] - 0.64**2 * PRINTED[0]) / (30 * (0.8**2 - 0.64**2))
    v2 = (PRINTED[0] - 30 * u2) / 6
    signs = product((1, -1), repeat=2)
    pairs = [(a * math.sqrt(u2), b * math.sqrt(v2)) for a, b in signs]
    return [(1 + (u + v) / ROOT, -1 + (u - v) / ROOT) for u, v in pairs]


def test_the_losses_and_the_kernel_follow_from_the_first_two(tmp_path: Path) -> None:
    kernels = []
    for number, (first, second) in enumerate(starts()):
        run = handloom.train(
            "filter", "stripe", preset="tutorial", start=f"{first!r},{second!r}",
            out=tmp_path / str(number), quiet=True, device="cpu",
        )  # fmt: skip
        losses = [line["train/loss"] for line in run.metrics]
        assert losses == pytest.approx(PRINTED, abs=0.0011)  # three digits, of which two are given
        page = (run.path / "report.html").read_text("utf-8")
        assert f"<title>1, {PRINTED[0]:.4g}" in page  # beside the kernel that it is of
        assert run.evaluation is not None
        kernels.append(run.evaluation["kernel"][0])
    close = [kernel == pytest.approx(KERNEL, abs=2e-4) for kernel in kernels]
    assert close.count(True) == 1  # the signs of u and v, which losses do not tell


class Kernels(Callback):
    """The kernel after every step."""

    def __init__(self) -> None:
        self.kernels: list[torch.Tensor] = []

    def step(self, fit: Fit) -> None:
        (kernel,) = fit.experiment.networks["filter"].parameters()
        self.kernels.append(kernel.detach().flatten().double().clone())


@pytest.mark.parametrize("seed", range(10))
def test_two_factors_from_any_start(seed: int) -> None:
    config = Config(preset="tutorial", seed=seed, device="cpu")
    data = build.load(config, "stripe", lambda *_: None)
    torch.manual_seed(seed)
    experiment = build.build(defaults.resolve(config, data), data, torch.device("cpu")).experiment
    path = Kernels()
    path.step(Fit(experiment))
    Fit(experiment, [path]).run()
    errors = torch.stack(path.kernels) - torch.tensor([1.0, -1.0], dtype=torch.float64)
    along = errors @ torch.tensor([[1.0, 1.0], [1.0, -1.0]], dtype=torch.float64)  # (11, 2)
    factors = torch.tensor([[-0.8, 0.64]], dtype=torch.float64)
    expected = along[0] * factors ** torch.arange(11)[:, None]
    torch.testing.assert_close(along, expected, atol=1e-5, rtol=0)
