"""Nothing inside a step waits for the device."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch

from handloom.engine.loop import Experiment, Fit
from handloom.engine.objective import Batch, Loss
from handloom.models.layers.augment import Augment
from handloom.objectives.classification import Classification
from tests.engine.toys import adversaries, classifier, text

Guard = Callable[[], AbstractContextManager[None]]

STEPS: dict[str, Callable[[], Experiment]] = {
    "classification": lambda: classifier(1, clip=1.0),
    "adamw, shifted": lambda: classifier(
        1, "adamw", Augment(translate=1, hflip=True, border="zeros")
    ),
    "warped and cut": lambda: classifier(1, "sgd", Augment(1, True, 10.0, 0.1, 2)),
    "micro-batches": lambda: classifier(1, grad_accum_steps=3),
    "two players": adversaries,
    "carried state": lambda: text(length=328),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_whole_epoch_of_steps_does_not_wait(name: str, no_waiting: Guard) -> None:
    built = STEPS[name]()
    built.evaluations, built.monitor = {}, None
    fit = Fit(built)
    batches = fit.experiment.train.batches(0)
    with no_waiting():
        for batch in batches:
            for value in built.scheduled:
                value.update(0.5)
            for step in fit.steps:
                step(batch)
    assert fit.steps[0].calls > 2


def test_the_guard_catches_what_waits(no_waiting: Guard) -> None:
    class Careless(Classification):
        def loss(self, batch: Batch) -> Loss:
            loss, logs = super().loss(batch)
            return loss, logs | {"seen": torch.tensor(loss.item())}

    built = classifier(1)
    objective = built.objective
    assert isinstance(objective, Classification)
    careless = Careless(objective.network)
    built.objective = careless
    step = Fit(built).steps[0]
    batch = next(iter(built.train.batches(0)))
    step(batch)
    with no_waiting(), pytest.raises(AssertionError, match="_local_scalar_dense"):
        step(batch)


@pytest.mark.parametrize(
    "careless",
    [
        lambda x: x[x > 0],
        lambda x: x.nonzero(),
        lambda x: x.masked_select(x > 0),
        lambda x: x if x.sum() > 0 else -x,
        lambda x: x.index_put_((x > 0,), torch.zeros(1)),
    ],
)
def test_the_guard_knows_masks_and_branches(
    careless: Callable[[torch.Tensor], object], no_waiting: Guard
) -> None:
    with no_waiting(), pytest.raises(AssertionError, match="waits for the device"):
        careless(torch.randn(5))
