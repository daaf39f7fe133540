"""How long a training will take, said before it starts: a step is timed on copies."""

from __future__ import annotations

import copy
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handloom.engine.loop import Experiment
    from handloom.objectives.simclr import SimCLR

LEAST = 2.0  # minutes from which on it is said
SMALL = 32  # pixels, to which images can be resized where it takes long


def duration_note(experiment: Experiment, side: int | None) -> list[str]:
    """A sentence where a training on a CPU takes minutes, and what makes it shorter.

    side: pixels of the images; None where the network has a size of its own.
    """
    if experiment.precision.device.type != "cpu":
        return []
    steps = experiment.train.steps * experiment.epochs
    minutes = steps * _seconds_of_step(experiment) / 60
    if minutes < LEAST:
        return []
    smaller = f"--size {SMALL} is quicker, and " if side is not None and side > SMALL else ""
    time = f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"
    return [
        f"{steps:,} steps take about {time} on this machine; {smaller}--minutes M trains for about "
        "that long instead"
    ]


def _seconds_of_step(experiment: Experiment) -> float:
    """Of the second step, forward and backward; nothing of the training changes by it."""
    import torch

    objective: SimCLR = copy.deepcopy(experiment.objective).train()  # type: ignore[assignment]
    with torch.random.fork_rng(devices=[]):
        batch = next(iter(experiment.train.batches(0, 0)))
        for _ in range(2):
            began = perf_counter()
            with experiment.precision.autocast():
                loss, _ = objective.loss(batch)
            loss.backward()
    return perf_counter() - began
