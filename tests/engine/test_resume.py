"""A stopped training goes on to the bit as if it had not been stopped."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from handloom.engine import checkpoint
from handloom.engine.lbfgs import LBFGS
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.models.layers.augment import Augment
from handloom.runs.directory import RunDirectory
from tests.engine.toys import StopAt, adversaries, classifier, image, text


class Records(Callback):
    """Remembers every epoch's metrics."""

    def __init__(self) -> None:
        self.lines: list[dict[str, float]] = []

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        self.lines.append(dict(record))


Build = Callable[[], Experiment]
BUILDS: dict[str, Build] = {
    "sgd": lambda: classifier(3),
    "adamw with augmentation": lambda: classifier(3, "adamw", Augment(translate=1, hflip=True)),
    "micro-batches": lambda: classifier(3, grad_accum_steps=2, clip=1.0),
    "two networks": lambda: adversaries(3, every=3, count=4 * 32),
    "carried state": lambda: text(2, length=328),
    "quasi-Newton": lambda: image(6, LBFGS, 1.0),
}


def run(build: Build, *callbacks: Callback) -> Fit:
    fit = Fit(build(), callbacks)
    fit.run()
    return fit


def through_the_disk(fit: Fit, build: Build, folder: Path, *callbacks: Callback) -> Fit:
    """Save, build afresh, spoil the generator, load."""
    directory = RunDirectory(folder)
    directory.write_checkpoint(*checkpoint.take(fit))
    fresh = Fit(build(), callbacks)
    torch.manual_seed(99)
    found = directory.checkpoint()
    assert found is not None
    tensors, numbers, notes = found
    assert notes == []
    checkpoint.put(fresh, tensors, numbers)
    return fresh


def state(fit: Fit) -> tuple[dict[str, Tensor], dict[str, Any]]:
    tensors, numbers = checkpoint.take(fit)
    return copy.deepcopy(tensors), {k: v for k, v in numbers.items() if k != "seconds"}


def assert_same(a: Fit, b: Fit) -> None:
    (tensors, numbers), (others, other_numbers) = state(a), state(b)
    assert tensors.keys() == others.keys()
    assert [k for k in tensors if not torch.equal(tensors[k], others[k])] == []
    assert numbers == other_numbers


@pytest.mark.parametrize("stop", [1, 3, 4, 6, 8])  # an epoch is four steps, mostly
@pytest.mark.parametrize("name", BUILDS)
def test_goes_on_as_if_it_had_not_stopped(name: str, stop: int, tmp_path: Path) -> None:
    build = BUILDS[name]
    whole = Records()
    uninterrupted = run(build, whole)
    before, after = Records(), Records()
    stopped = run(build, StopAt(stop), before)
    assert stopped.progress.step == min(stop, uninterrupted.progress.step)
    resumed = through_the_disk(stopped, build, tmp_path, after)
    assert_same(stopped, resumed)
    resumed.run()
    assert_same(uninterrupted, resumed)
    assert before.lines + after.lines == whole.lines


def test_stopped_twice(tmp_path: Path) -> None:
    uninterrupted = run(lambda: classifier(3))
    first = run(lambda: classifier(3), StopAt(5))
    second = through_the_disk(first, lambda: classifier(3), tmp_path, StopAt(9))
    second.run()
    third = through_the_disk(second, lambda: classifier(3), tmp_path)
    third.run()
    assert_same(uninterrupted, third)


def test_a_stop_in_the_last_step_of_an_epoch_closes_it(tmp_path: Path) -> None:
    records = Records()
    fit = run(lambda: classifier(3), StopAt(4), records)
    assert (fit.progress.epoch, fit.progress.within) == (1, 0)
    assert "valid/accuracy" in records.lines[0]


def test_nothing_is_shared_with_what_it_was_put_from() -> None:
    one = run(lambda: classifier(1))
    other = Fit(classifier(2))
    checkpoint.put(other, *checkpoint.take(one))
    before = state(one)[0]
    other.run()
    after = checkpoint.take(one)[0]
    assert [k for k in after if k != "generator/cpu" and not torch.equal(before[k], after[k])] == []


def test_another_network_is_refused() -> None:
    tensors, numbers = checkpoint.take(run(lambda: classifier(1)))
    with pytest.raises((KeyError, RuntimeError)):
        checkpoint.put(Fit(text(1)), tensors, numbers)


def test_health() -> None:
    fit = Fit(classifier(1))
    assert checkpoint.healthy(fit)
    with torch.no_grad():
        next(fit.experiment.objective.parameters()).view(-1)[0] = float("inf")
    assert not checkpoint.healthy(fit)
