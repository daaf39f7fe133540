"""What a job builds: the stages of its training, and what config.json records of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.engine.loop import Callback, Experiment
    from handloom.runs.directory import RunDirectory
    from handloom.runs.records import RunConfig


MakeCallback = Callable[["RunDirectory"], "Callback"]
"""Makes a callback that belongs to one job, such as one that writes samples."""


@dataclass(frozen=True)
class Stage:
    """A part of a training, with an experiment of its own.

    name: stands in config.json, in the log and in checkpoints.
    epochs: how many it takes; 0 for a stage that is solved in closed form.
    build: the experiment, which takes up where the finished experiment of the stage before left;
        None for the first stage, and for one that is resumed from a checkpoint, which overwrites
        whatever weights the experiment starts with.
    callbacks: callbacks of this stage alone.
    solve: called once before the first step; writes what can be computed at once into the
        networks, such as a linear head that scikit-learn fits. It must depend on nothing but the
        data and the seed.
    prepare: what an evaluation needs beforehand, where a run's callbacks do not see to it, as when
        the time of an epoch is measured.
    work: how long one of its epochs takes, relative to those of other stages; for the time left.
    remedy: options to try where its loss is no longer a number, None for a smaller learning rate;
        of one in closed form, where more epochs are asked for.
    """

    name: str
    epochs: int
    build: Callable[[Experiment | None], Experiment]
    callbacks: Sequence[MakeCallback] = ()
    solve: Callable[[Experiment], None] | None = None
    prepare: Callable[[], object] | None = None
    work: float = 1.0
    remedy: str | None = None


def single(
    experiment: Experiment,
    callbacks: Sequence[MakeCallback] = (),
    prepare: Callable[[], object] | None = None,
) -> list[Stage]:
    """The stages of a job that trains once, from the beginning to the end."""
    return [
        Stage("train", experiment.epochs, lambda previous: experiment, callbacks, prepare=prepare)
    ]


@dataclass
class Built:
    """What a job's `build` returns.

    stages: what is trained, in order.
    record: goes into config.json as it is, a `Record` of the job: sizes of every network, classes,
        preprocessing and the numbers that were chosen. `networks(record)` must be able to work from
        it.
    notes: sentences a person should read before training starts.
    example: a batch of one for the table of layers, or None.
    seconds: what building the first experiment took, such as computing an encoder's features.
    """

    stages: list[Stage]
    record: RunConfig
    notes: list[str] = field(default_factory=list)
    example: Tensor | None = None
    seconds: float = 0.0

    @cached_property
    def experiment(self) -> Experiment:
        """The first stage's experiment, built once."""
        began = time.perf_counter()
        experiment = self.stages[0].build(None)
        self.seconds = time.perf_counter() - began
        return experiment

    def experiment_of(self, number: int, previous: Experiment | None) -> Experiment:
        """The experiment of a stage, by its number.

        previous: the finished one of the stage before; None for the first and for a resumed stage.
        """
        return self.experiment if number == 0 else self.stages[number].build(previous)
