"""Recorded steps: close to eager ones, and refused where they cannot be."""

import pytest
import torch

from handloom.data.loaders import InMemoryLoader
from handloom.engine.cuda_graph import _places
from handloom.engine.lbfgs import LBFGS
from handloom.engine.loop import Experiment, Fit
from handloom.engine.optim import SGD, Adam, Optimizer
from handloom.engine.precision import Precision
from handloom.engine.schedule import ScheduledValue, one_cycle, scheduled_lr
from handloom.errors import UserError
from handloom.objectives.classification import Classification
from tests.engine.toys import classifier, convolutional, image, images

cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="recording a CUDA graph needs a CUDA device"
)


def experiment(kind: str, cuda_graph: bool) -> Experiment:
    device = torch.device("cuda")
    torch.manual_seed(1)
    network = convolutional().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    objective = Classification(network, ema_decay=0.9).to(device)
    parameters = list(network.parameters())
    optimizer: Optimizer = (
        SGD(parameters, 0.05, 0.9, True, 1e-4) if kind == "sgd" else Adam(parameters, 3e-3)
    )
    source = InMemoryLoader(images(128).fields, 16, device)
    return Experiment(
        objective,
        source,
        {"network": optimizer},
        3,
        {"network": objective.eval_model},
        Precision.resolve(device),
        evaluations={"valid": source},
        scheduled=scheduled_lr(optimizer, one_cycle()),
        clip=1.0,
        cuda_graph=cuda_graph,
    )


@pytest.mark.gpu
@cuda
@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_replays_are_close_to_eager_steps_under_a_changing_rate(kind: str) -> None:
    eager, recorded = Fit(experiment(kind, False)), Fit(experiment(kind, True))
    eager.run()
    recorded.run()
    mine, theirs = (f.experiment.objective.state_dict() for f in (eager, recorded))
    for name, tensor in mine.items():
        torch.testing.assert_close(theirs[name], tensor, rtol=1e-3, atol=1e-4)
    assert recorded.steps[0].calls == eager.steps[0].calls


@pytest.mark.gpu
@cuda
def test_a_shorter_batch_is_refused() -> None:
    fit = Fit(experiment("sgd", True))
    assert isinstance(fit.experiment.train, InMemoryLoader)
    for batch in fit.experiment.train.batches(0):
        fit.steps[0](batch)
    with pytest.raises(ValueError, match="the same tensors"):
        fit.steps[0]({name: tensor[:3] for name, tensor in batch.items()})


def test_what_lies_on_another_device_is_refused() -> None:
    """A schedule on the host is a constant to a recorded step: an annealed KL stood still so."""
    built = classifier(1)
    built.objective.register_buffer("beta", torch.ones((), device="meta"))
    with pytest.raises(ValueError, match="beta: not on cpu"):
        Fit(built)
    built = classifier(1)
    built.scheduled.append(ScheduledValue(torch.ones((), device="meta"), one_cycle()))
    with pytest.raises(ValueError, match="scheduled value"):
        Fit(built)


def test_a_shorter_batch_has_another_place() -> None:
    tensor = torch.zeros(4, 2)
    assert _places({"a": tensor}) != _places({"a": tensor[:3]})
    assert _places({"a": tensor}) == _places({"a": tensor.view(4, 2)})


def test_a_device_without_graphs_is_a_users_error() -> None:
    with pytest.raises(UserError, match="cannot be recorded on cpu"):
        Fit(classifier(1, cuda_graph=True))


def test_an_optimizer_that_waits_cannot_be_recorded() -> None:
    built = image(1, LBFGS, 1.0)
    built.cuda_graph = True
    with pytest.raises(ValueError, match="LBFGS waits for the host"):
        Fit(built)
