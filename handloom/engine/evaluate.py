"""What an objective is worth on a whole set."""

import torch
from torch import Tensor

from handloom.engine.objective import Objective, Source, held_buffers
from handloom.engine.precision import Precision


@torch.no_grad()
def evaluate(objective: Objective, source: Source, precision: Precision) -> dict[str, float]:
    """Metrics over every example of `source`, in evaluation mode.

    Outputs are collected per example and judged together, so a metric that is not a mean of
    batch means (accuracy of a short last batch, recall, calibration) is right. Carried state is
    put back afterwards, and the mode too.
    """
    return {
        k: v.item() for k, v in objective.metrics(collect(objective, source, precision)).items()
    }


@torch.no_grad()
def collect(objective: Objective, source: Source, precision: Precision) -> dict[str, Tensor]:
    """The outputs of every batch, concatenated to (N, ...), on the device."""
    training = objective.training
    before = {name: buffer.clone() for name, buffer in held_buffers(objective).items()}
    objective.eval()
    found: dict[str, list[Tensor]] = {}
    try:
        for batch in source.batches(epoch=0):
            with precision.autocast():
                outputs = objective.outputs(batch)
            for name, value in outputs.items():
                found.setdefault(name, []).append(value.clone())  # batches are refilled
    finally:
        objective.train(training)
        for name, buffer in held_buffers(objective).items():
            buffer.copy_(before[name])
    return {name: torch.cat(values) for name, values in found.items()}
