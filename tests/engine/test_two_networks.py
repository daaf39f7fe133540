"""Two networks: each step changes what it declares, and nothing else."""

import copy

import pytest
import torch
from torch import Tensor, nn

from handloom.engine.loop import Callback, Fit
from handloom.engine.objective import freeze_bn_stats
from tests.engine.toys import LeastSquaresGAN, adversaries


def snapshot(module: nn.Module) -> dict[str, Tensor]:
    """Weights, buffers and gradients."""
    grads = {
        f"grad/{n}": p.grad.clone() for n, p in module.named_parameters() if p.grad is not None
    }
    return {n: t.clone() for n, t in module.state_dict().items()} | grads


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_a_turn_leaves_the_other_player_alone() -> None:
    built = adversaries()
    objective = built.objective
    assert isinstance(objective, LeastSquaresGAN)
    fit = Fit(built)
    sides = {"critic": objective.critic, "generator": objective.generator}
    batch = next(iter(built.train.batches(0)))
    for _ in range(2):  # in the second round both hold gradients
        for step in fit.steps:
            mine = sides[step.phase.name]
            other = sides["generator" if step.phase.name == "critic" else "critic"]
            before, weights = snapshot(other), copy.deepcopy(mine.state_dict())
            step(batch)
            assert same(before, snapshot(other))
            assert not same(weights, dict(mine.state_dict()))


def test_every_counts_steps_across_epochs() -> None:
    class Count(Callback):
        def __init__(self) -> None:
            self.moved: list[int] = []
            self.weight: Tensor | None = None

        def step(self, fit: Fit) -> None:
            objective = fit.experiment.objective
            assert isinstance(objective, LeastSquaresGAN)
            weight = objective.generator[0].weight.detach().clone()
            if self.weight is not None and not torch.equal(weight, self.weight):
                self.moved.append(fit.progress.step)
            self.weight = weight

    count = Count()
    Fit(adversaries(epochs=2, every=5, count=7 * 32), [count]).run()
    assert count.moved == [5, 10]


def test_the_fakes_find_the_data() -> None:
    fit = Fit(adversaries(epochs=60))
    fit.run()
    objective = fit.experiment.objective
    assert isinstance(objective, LeastSquaresGAN)
    fake = objective.eval().fakes({"number": torch.zeros(2000, 1)})
    assert abs(fake.mean().item() - 3) < 1  # it began 3 away, and circles around the place


def test_logs_carry_the_player() -> None:
    fit = Fit(adversaries())
    seen: dict[str, float] = {}

    class See(Callback):
        def epoch(self, fit: Fit, record: dict[str, float]) -> None:
            seen.update(record)

    fit.callbacks.append(See())
    fit.run()
    assert set(seen) == {"train/critic/loss", "train/critic/real", "train/generator/loss"}


@pytest.mark.parametrize("training", [True, False])
def test_still_statistics(training: bool) -> None:
    norm = nn.BatchNorm1d(3).train(training)
    reference = copy.deepcopy(norm)
    x = torch.randn(8, 3) + 5
    before = {k: v.clone() for k, v in norm.state_dict().items()}
    with freeze_bn_stats(nn.Sequential(norm)):
        y = norm(x)
    assert torch.equal(y, reference(x))
    assert all(torch.equal(before[k], v) for k, v in norm.state_dict().items())
    assert norm.track_running_stats
    with pytest.raises(RuntimeError), freeze_bn_stats(norm):
        raise RuntimeError
    assert norm.track_running_stats
