"""An image as the parameter, over a source of empty batches."""

import torch

from handloom.engine.lbfgs import LBFGS
from handloom.engine.loop import Callback, Fit
from handloom.engine.optim import Adam
from tests.engine.toys import Image, image


def loss_after(fit: Fit) -> float:
    fit.run()
    return fit.steps[0].phase.loss({})[0].item()


def test_the_projection_holds_after_every_step() -> None:
    class Within(Callback):
        def step(self, fit: Fit) -> None:
            pixels = fit.experiment.objective.get_parameter("pixels")
            assert pixels.min() >= 0
            assert pixels.max() <= 1

    fit = Fit(image(60, Adam, 0.1, top=3.0), [Within()])
    fit.run()
    objective = fit.experiment.objective
    assert isinstance(objective, Image)
    assert objective.pixels.max() == 1  # the target pulls beyond it


def test_a_quasi_newton_method_beats_adam_through_the_same_step() -> None:
    start = Fit(image(1, Adam, 0.0)).steps[0].phase.loss({})[0].item()
    adam = loss_after(Fit(image(100, Adam, 0.03)))
    lbfgs = loss_after(Fit(image(100, LBFGS, 1.0)))
    assert adam < 0.1 * start
    assert lbfgs < 0.1 * adam


def test_the_logged_loss_is_the_one_before_the_step() -> None:
    fit = Fit(image(3, LBFGS, 1.0))
    before = fit.steps[0].phase.loss({})[0].item()
    fit.steps[0]({})
    assert abs(fit.steps[0].means()["loss"] - before) < 1e-6


def test_a_step_is_counted_as_one_example() -> None:
    fit = Fit(image(7, Adam, 0.1))
    assert fit.run().samples == 7
    assert torch.isfinite(fit.experiment.objective.get_parameter("pixels")).all()
