"""The only training loop. It knows batches, steps and callbacks, and no job."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from torch import nn

from handloom.engine.evaluate import evaluate
from handloom.engine.objective import Objective, Source
from handloom.engine.optim import Optimizer
from handloom.engine.precision import Precision, wait_for
from handloom.engine.schedule import ScheduledValue
from handloom.engine.step import TrainStep, check_parameters
from handloom.errors import UserError


@dataclass
class Experiment:
    """Everything `fit` needs; what a job builds.

    objective, train: networks and losses, and where batches come from.
    optimizers: one per phase, by the phase's name, over the phase's trainable parameters.
    epochs: how often `train` is gone through, where it is not a stage that says so itself.
    networks: what the finished run is made of, by name; their EMA where there is one.
    evaluations: sources evaluated after an epoch, by the prefix of their metrics ("valid").
    evaluate_every: epochs between evaluations; the last epoch is always evaluated.
    monitor: the metric that decides the best epoch, such as "valid/accuracy"; higher is better
        unless `lower_is_better`. None keeps the last.
    scheduled: values updated before every step; the fraction done is that of this stage.
    clip, grad_accum_steps, cuda_graph: as of TrainStep.

    Raises UserError for more micro-batches than a batch has rows.
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
    grad_accum_steps: int = 1
    cuda_graph: bool = False

    def __post_init__(self) -> None:
        if self.grad_accum_steps > self.train.batch_size:
            raise UserError(
                f"--grad-accum-steps {self.grad_accum_steps}: a batch has {self.train.batch_size} "
                "examples, and every micro-batch needs one: make it smaller, or --batch larger"
            )


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
    stop: why the stage ends after this step, before its last epoch; None where it goes on.
    interrupted: somebody asked the run to stop; it is resumed where it stands.
    notes: sentences for a person, which a callback leaves here and the progress line shows once.
    """

    epoch: int = 0
    step: int = 0
    within: int = 0
    seconds: float = 0.0
    samples: int = 0
    stop: str | None = None
    interrupted: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def must_stop(self) -> bool:
        """Whether no further step is taken."""
        return self.interrupted or self.stop is not None


class Callback:
    """Watches a run. Every method may be left out; none may change the training's numbers."""

    def start(self, fit: "Fit") -> None:
        """Before the first step, a checkpoint already restored."""

    def step(self, fit: "Fit") -> None:
        """After every step: must return at once, without asking a tensor for its value."""

    def evaluating(self, fit: "Fit", done: int, batches: int) -> None:
        """While an epoch is evaluated: before its first batch and after each. Must return at once,
        as `step`."""

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
    """A loss is no longer finite; names the phase and the step. phase: its name, if known."""

    def __init__(self, message: str, phase: str | None = None) -> None:
        super().__init__(message)
        self.phase = phase


class Fit:
    """One stage of a training under way: call `run`.

    start: where the stage begins; `progress` counts from there on, over all stages.
    progress: of the stage before, which goes on counting; a new one where it is left out.
    epochs: of the stage; by default the experiment's.
    """

    def __init__(
        self,
        experiment: Experiment,
        callbacks: Sequence[Callback] = (),
        start: StageStart = BEGINNING,
        progress: Progress | None = None,
        epochs: int | None = None,
    ) -> None:
        self.experiment, self.callbacks, self.start = experiment, list(callbacks), start
        self.epochs = experiment.epochs if epochs is None else epochs
        self.progress = progress or Progress(start.epoch, start.step)
        phases = experiment.objective.phases()
        self.steps = [
            TrainStep(
                phase,
                experiment.optimizers[phase.name],
                experiment.precision,
                experiment.clip,
                experiment.grad_accum_steps,
                skip_nonfinite=len(phases) > 1,
                cuda_graph=experiment.cuda_graph,
            )
            for phase in phases
        ]
        check_parameters(self.steps)
        _check_places(experiment)

    @property
    def is_complete(self) -> bool:
        """Whether the stage has ended: after its last epoch, or by itself before."""
        return self.progress.epoch >= self.last_epoch or self.progress.stop is not None

    @property
    def last_epoch(self) -> int:
        """Epochs finished when this stage ends, those of the stages before included."""
        return self.start.epoch + self.epochs

    @property
    def last_step(self) -> int:
        """Steps finished when this stage ends, those of the stages before included."""
        return self.start.step + self.epochs * self.experiment.train.steps

    def run(self) -> Progress:
        """Train to the end of the stage, or until a callback sets `stop` or `interrupted`."""
        try:
            for callback in self.callbacks:
                callback.start(self)
            while self.progress.epoch < self.last_epoch and not self.progress.must_stop:
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
        steps, first = experiment.train.steps, self.start.step
        total = self.epochs * steps
        began = time.perf_counter()
        for batch in experiment.train.batches(progress.epoch, progress.within):
            for value in experiment.scheduled:
                value.update(min(1.0, (progress.step - first) / total))
            for step in self.steps:
                if (progress.step + 1) % step.phase.every == 0:
                    step(batch)
            progress.step += 1
            progress.within += 1
            progress.samples += experiment.train.batch_size
            progress.seconds += time.perf_counter() - began
            for callback in self.callbacks:
                callback.step(self)
            if progress.must_stop:
                break
            began = time.perf_counter()
        began = time.perf_counter()
        wait_for(experiment.precision.device)
        progress.seconds += time.perf_counter() - began
        return progress.within >= steps

    def _close_epoch(self) -> None:
        progress, experiment = self.progress, self.experiment
        record = self.training_means()
        progress.epoch, progress.within = progress.epoch + 1, 0
        last = progress.epoch == self.last_epoch
        if last or progress.epoch % experiment.evaluate_every == 0:
            for name, source in experiment.evaluations.items():
                metrics = evaluate(
                    experiment.objective, source, experiment.precision,
                    partial(self._evaluating, source.steps),
                )  # fmt: skip
                record |= {f"{name}/{key}": value for key, value in metrics.items()}
            if experiment.monitor is not None and experiment.monitor not in record:
                raise ValueError(f"there is no metric '{experiment.monitor}' in {list(record)}")
        for step in self.steps:
            step.clear()
        for callback in self.callbacks:
            callback.epoch(self, record)

    def _evaluating(self, batches: int, done: int) -> None:
        for callback in self.callbacks:
            callback.evaluating(self, done, batches)

    def training_means(self) -> dict[str, float]:
        """Logs since the epoch began, as `train/...`; raises Diverged where one is not finite."""
        record: dict[str, float] = {}
        for step in self.steps:
            means = step.means()
            # A loss can overflow to infinity, or a metric be undefined, only in a diverged run.
            if not all(value - value == 0 for value in means.values()):
                lost = self.diverged_phase() if len(self.steps) > 1 else step.phase.name
                raise Diverged(
                    f"the loss of '{lost}' is no longer a number at step {self.progress.step}", lost
                )
            prefix = f"train/{step.phase.name}/" if len(self.steps) > 1 else "train/"
            record |= {prefix + name: value for name, value in means.items()}
        return record

    def diverged_phase(self) -> str:
        """The phase that diverged first, where the losses of all are not finite: the one whose
        weights are not finite, or largest. Waits for the device."""
        return max(self.steps, key=TrainStep.size).phase.name


def fit(experiment: Experiment, callbacks: Sequence[Callback] = ()) -> Progress:
    """Train `experiment` to its end and say where it stands."""
    return Fit(experiment, callbacks).run()


def _check_places(experiment: Experiment) -> None:
    """A value that lies on the host works in every step, and is a constant in a recorded one."""
    objective, device = experiment.objective, experiment.precision.device.type
    tensors = dict([*objective.named_parameters(), *objective.named_buffers()])
    tensors |= {f"scheduled value {i}": v.tensor for i, v in enumerate(experiment.scheduled)}
    elsewhere = [name for name, tensor in tensors.items() if tensor.device.type != device]
    if elsewhere:
        raise ValueError(f"{', '.join(elsewhere)}: not on {device}, where steps are computed")
