"""Metrics of an objective over a whole set."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from handloom.engine.objective import Objective, Source, held_buffers
from handloom.engine.precision import Precision


@torch.no_grad()
def evaluate(
    objective: Objective,
    source: Source,
    precision: Precision,
    report: Callable[[int], None] = lambda done: None,
) -> dict[str, float]:
    """Metrics over every example of `source`, in evaluation mode.

    Outputs are collected per example and evaluated together, so a metric that is not a mean of
    batch means (accuracy of a short last batch, recall, calibration) is right. Carried state is
    put back afterwards, the mode and the random generators too; random numbers come from the same
    seed every time, so that two epochs differ by what was learned alone.

    report: is called with the number of batches that are done: 0 first, then after each.
    """
    collected = collect(objective, source, precision, report)
    return {k: v.item() for k, v in objective.metrics(collected).items()}


@torch.no_grad()
def collect(
    objective: Objective,
    source: Source,
    precision: Precision,
    report: Callable[[int], None] = lambda done: None,
) -> dict[str, Tensor]:
    """The outputs of every batch, concatenated to (N, ...), on the device."""
    training = objective.training
    before = {name: buffer.clone() for name, buffer in held_buffers(objective).items()}
    objective.eval()
    collected: dict[str, list[Tensor]] = {}
    try:
        with same_noise(precision.device):
            report(0)
            for done, batch in enumerate(source.batches(epoch=0), 1):
                with precision.autocast():
                    outputs = objective.outputs(batch)
                for name, value in outputs.items():
                    collected.setdefault(name, []).append(value.clone())  # batches are refilled
                report(done)
    finally:
        objective.train(training)
        for name, buffer in held_buffers(objective).items():
            buffer.copy_(before[name])
    return {name: torch.cat(values) for name, values in collected.items()}


@contextmanager
def same_noise(device: torch.device) -> Iterator[None]:
    """A context in which the global generators start from 0; they are restored afterwards."""
    host, own = torch.get_rng_state(), _generator_state(device)
    torch.manual_seed(0)
    try:
        yield
    finally:
        torch.set_rng_state(host)
        if own is not None and device.type == "cuda":
            torch.cuda.set_rng_state(own, device)
        elif own is not None:
            torch.mps.set_rng_state(own)


def _generator_state(device: torch.device) -> torch.Tensor | None:
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    return torch.mps.get_rng_state() if device.type == "mps" else None
