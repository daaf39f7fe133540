"""The only training loop. It knows batches, turns and callbacks, and no job."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from handloom.engine.cuda_graph import Captured
from handloom.engine.evaluate import evaluate
from handloom.engine.objective import Objective, Source, trainable
from handloom.engine.optim import Optimizer
from handloom.engine.precision import Precision
from handloom.engine.schedule import ScheduledValue
from handloom.engine.step import Player, TrainStep


@dataclass
class Experiment:
    """Everything `fit` needs; what a recipe builds.

    objective, train: networks and losses, and where batches come from.
    optimizers: one per phase, by the phase's name, over the phase's trainable parameters.
    epochs: how often `train` is gone through in this stage.
    networks: what the finished run is made of, by name; the averaged ones where it averages.
    evaluations: sources judged after an epoch, by the prefix of their metrics ("valid").
    evaluate_every: epochs between evaluations; the last epoch is always evaluated.
    monitor: the metric that tells the best epoch, such as "valid/accuracy"; higher is better
        unless `lower_is_better`. None keeps the last.
    scheduled: values updated before every step; the fraction done is that of this stage.
    """

    objective: Objective
    train: Source
    optimizers: dict[str, Optimizer]
    epochs: int
    networks: dict[str, nn.Module]
    precision: Precision
    evaluations: dict[str, Source] = field(default_factory=dict)
    evaluate_every: int = 1
    monitor: str | None = None
    lower_is_better: bool = False
    scheduled: list[ScheduledValue] = field(default_factory=list)
    clip: float | None = None
    parts: int = 1
    capture: bool = False


@dataclass(frozen=True)
class StageStart:
    """Where a stage of a training begins.

    number: of the stage, the first being 0. epoch, step: finished by the stages before it.
    """

    number: int = 0
    epoch: int = 0
    step: int = 0


BEGINNING = StageStart()


@dataclass
class Progress:
    """Where a training stands, all its stages together.

    epoch, step: finished ones; `within`: steps finished in the present epoch.
    seconds: spent training, evaluation and callbacks apart; `samples`: examples seen.
    stop: why the loop should end after this step, or None.
    notes: sentences for a person, which an callback leaves here and the progress line shows once.
    """

    epoch: int = 0
    step: int = 0
    within: int = 0
    seconds: float = 0.0
    samples: int = 0
    stop: str | None = None
    notes: list[str] = field(default_factory=list)


class Callback:
    """Watches a run. Every method may be left out; none may change the training's numbers."""

    def start(self, fit: "Fit") -> None:
        """Before the first step, a checkpoint already restored."""

    def step(self, fit: "Fit") -> None:
        """After every step: must return at once, without asking a tensor for its value."""

    def epoch(self, fit: "Fit", record: dict[str, float]) -> None:
        """After every epoch, with its line of metrics."""

    def finish(self, fit: "Fit") -> None:
        """After the last step, also when the run was stopped."""

    def close(self) -> None:
        """At the very end, also after an error: let go of screens and files."""

    def state(self) -> dict[str, Any]:
        """What a resumed run must remember, in JSON."""
        return {}

    def load(self, state: dict[str, Any]) -> None:
        """Take up a remembered state."""


class Diverged(ArithmeticError):  # noqa: N818
    """A loss is no longer a number; names the phase and the step. phase: its name, if known."""

    def __init__(self, message: str, phase: str | None = None) -> None:
        super().__init__(message)
        self.phase = phase


class Fit:
    """One stage of a training under way: call `run`.

    first: where the stage begins; `progress` counts from there on, over all stages.
    progress: of the stage before, which goes on counting; a new one where it is left out.
    """

    def __init__(
        self,
        experiment: Experiment,
        callbacks: Sequence[Callback] = (),
        first: StageStart = BEGINNING,
        progress: Progress | None = None,
    ) -> None:
        self.experiment, self.callbacks, self.first = experiment, list(callbacks), first
        self.progress = progress or Progress(first.epoch, first.step)
        phases = experiment.objective.phases()
        self.turns = [
            TrainStep(
                phase,
                experiment.optimizers[phase.name],
                experiment.precision,
                experiment.clip,
                experiment.parts,
                guarded=len(phases) > 1,
            )
            for phase in phases
        ]
        _check(self.turns)
        self.players: list[Player] = (
            [Captured(turn) for turn in self.turns] if experiment.capture else list(self.turns)
        )

    @property
    def last_epoch(self) -> int:
        """Epochs finished when this stage ends, those of the stages before included."""
        return self.first.epoch + self.experiment.epochs

    @property
    def last_step(self) -> int:
        """Steps finished when this stage ends, those of the stages before included."""
        return self.first.step + self.experiment.epochs * self.experiment.train.steps

    def run(self) -> Progress:
        """Train to the end of the stage, or until an callback sets `progress.stop`."""
        try:
            for callback in self.callbacks:
                callback.start(self)
            while self.progress.epoch < self.last_epoch and not self.progress.stop:
                if self._epoch():
                    self._close_epoch()
            for callback in self.callbacks:
                callback.finish(self)
        finally:
            for callback in self.callbacks:
                callback.close()
        return self.progress

    def _epoch(self) -> bool:
        """The rest of the present epoch; False where it was stopped on the way."""
        experiment, progress = self.experiment, self.progress
        experiment.objective.train()
        steps, first = experiment.train.steps, self.first.step
        total = experiment.epochs * steps
        began = time.perf_counter()
        for batch in experiment.train.batches(progress.epoch, progress.within):
            for value in experiment.scheduled:
                value.turn(min(1.0, (progress.step - first) / total))
            for turn, player in zip(self.turns, self.players, strict=True):
                if (progress.step + 1) % turn.phase.every == 0:
                    player(batch)
            progress.step += 1
            progress.within += 1
            progress.samples += experiment.train.batch_size
            progress.seconds += time.perf_counter() - began
            for callback in self.callbacks:
                callback.step(self)
            if progress.stop:
                break
            began = time.perf_counter()
        began = time.perf_counter()
        _wait(experiment.precision.device)
        progress.seconds += time.perf_counter() - began
        return progress.within >= steps

    def _close_epoch(self) -> None:
        progress, experiment = self.progress, self.experiment
        record = self.training_means()
        progress.epoch, progress.within = progress.epoch + 1, 0
        last = progress.epoch == self.last_epoch
        if last or progress.epoch % experiment.evaluate_every == 0:
            for name, source in experiment.evaluations.items():
                metrics = evaluate(experiment.objective, source, experiment.precision)
                record |= {f"{name}/{key}": value for key, value in metrics.items()}
            if experiment.monitor is not None and experiment.monitor not in record:
                raise ValueError(f"there is no metric '{experiment.monitor}' in {list(record)}")
        for turn in self.turns:
            turn.clear()
        for callback in self.callbacks:
            callback.epoch(self, record)

    def training_means(self) -> dict[str, float]:
        """Logs since the epoch began, as `train/...`; raises Diverged where one is no number."""
        found: dict[str, float] = {}
        for turn in self.turns:
            means = turn.means()
            # A loss can overflow to infinity, or a metric be undefined, only in a lost run.
            if not all(value - value == 0 for value in means.values()):
                lost = self.lost() if len(self.turns) > 1 else turn.phase.name
                raise Diverged(
                    f"the loss of '{lost}' is no longer a number at step {self.progress.step}", lost
                )
            prefix = f"train/{turn.phase.name}/" if len(self.turns) > 1 else "train/"
            found |= {prefix + name: value for name, value in means.items()}
        return found

    def lost(self) -> str:
        """The phase to blame in a lost run, whose losses are no numbers together: the one whose
        weights are no numbers, or largest. Waits for the device."""
        return max(self.turns, key=TrainStep.size).phase.name


def fit(experiment: Experiment, callbacks: Sequence[Callback] = ()) -> Progress:
    """Train `experiment` to its end and say where it stands."""
    return Fit(experiment, callbacks).run()


def _check(turns: list[TrainStep]) -> None:
    for turn in turns:
        wanted = {id(p) for p in trainable(turn.phase.parameters)}
        if not wanted:
            raise ValueError(f"phase '{turn.phase.name}' has no parameter that can be trained")
        if wanted != {id(p) for p in turn.optimizer.parameters}:
            raise ValueError(
                f"the optimizer of phase '{turn.phase.name}' does not hold exactly its parameters"
            )
        if turn.parts > 1 and turn.optimizer.repeats:
            raise ValueError("micro-batches and a line search cannot be combined: parts=1")


def _wait(device: torch.device) -> None:
    """Let the device finish, so that seconds are seconds."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
