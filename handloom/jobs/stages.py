"""The stages of a training, run one after another, with the callbacks every run has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.options import TrainingConfig
from handloom.jobs.stage import Stage

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.display.console import Display
    from handloom.engine.loop import Callback, Diverged, Experiment, Fit, Progress, StageStart
    from handloom.jobs.options import CommonConfig
    from handloom.runs.directory import RunDirectory


@dataclass(frozen=True)
class Saved:
    """A checkpoint: tensors, JSON numbers, and the stage it belongs to."""

    tensors: dict[str, Tensor]
    numbers: dict[str, Any]
    start: StageStart


class Stages:
    """Everything that the stages of one run share while they are run.

    config: of the job, in which nothing is left open. stages: in order, planned in config.json.
    """

    def __init__(
        self,
        config: CommonConfig,
        stages: Sequence[Stage],
        directory: RunDirectory,
        display: Display,
    ) -> None:
        from handloom.engine.callbacks.best import KeepBest
        from handloom.engine.callbacks.journal import Journal
        from handloom.engine.callbacks.tensorboard import TensorBoard

        self.config, self.stages = config, list(stages)
        self.directory, self.display = directory, display
        patience = config.patience if isinstance(config, TrainingConfig) else None
        self.best = KeepBest(directory, patience)
        self._journal, self._tensorboard = Journal(directory), TensorBoard(directory)

    def run(
        self, saved: Saved | None = None, is_complete: bool = False, save_first: bool = False
    ) -> None:
        """Train to the end or to a stop, and leave a status: trained, stopped or failed.

        saved: a checkpoint to go on from. is_complete: its stage is done, whatever was planned.
        save_first: save the state before the first step, where the seed alone does not give it.
        """
        from handloom.engine.loop import StageStart

        self.directory.write_status({"status": "running"})
        start = StageStart() if saved is None else saved.start
        experiment: Experiment | None = None
        progress: Progress | None = None
        for number in range(start.number, len(self.stages)):
            stage = self.stages[number]
            experiment = stage.build(experiment)
            fit = self._fit(stage, experiment, start, progress)
            is_resumed = saved is not None and number == saved.start.number
            if saved is not None and is_resumed:
                self._restore(fit, saved)
            elif stage.solve is not None:
                self._solve(stage, fit)
            elif save_first and number == 0:
                self._save(fit)
            if not (is_resumed and (is_complete or fit.progress.epoch >= fit.last_epoch)):
                self._run(fit, stage)
            progress = fit.progress
            if self._is_stopped(progress):
                break
            start = StageStart(number + 1, progress.epoch, progress.step)
        assert progress is not None
        self._close(progress)

    def _fit(
        self, stage: Stage, experiment: Experiment, start: StageStart, progress: Progress | None
    ) -> Fit:
        """The stage with its callbacks; checkpoints come last, when the others have their state."""
        from handloom.engine.callbacks.checkpoints import Checkpoints
        from handloom.engine.callbacks.progress import ProgressLine
        from handloom.engine.loop import Fit

        later = self.stages[start.number + 1 :]
        work = sum(other.epochs * other.work for other in later) / stage.work
        line = ProgressLine(self.display, sum(other.epochs for other in later), work)
        callbacks: list[Callback] = [make(self.directory) for make in stage.callbacks]
        callbacks += [self.best, self._journal, self._tensorboard, line]
        callbacks.append(Checkpoints(self.directory, self.best))
        if progress is not None:
            progress.stop = None  # a stage that stopped early does not stop the next
        return Fit(experiment, callbacks, start, progress)

    def _solve(self, stage: Stage, fit: Fit) -> None:
        """Solve in closed form, and let the result count as one that the best is chosen from."""
        from handloom.jobs.trials import evaluations

        assert stage.solve is not None
        stage.solve(fit.experiment)
        if not stage.epochs:
            record = evaluations(fit)
            self.best.epoch(fit, record)
            self._journal.epoch(fit, record)

    def _run(self, fit: Fit, stage: Stage) -> None:
        from handloom.engine.callbacks.interrupt import stop_on_signal
        from handloom.engine.loop import Diverged

        try:
            with stop_on_signal(fit):
                fit.run()
        except Diverged as error:
            raise self._failed(error, fit, stage) from None

    def _is_stopped(self, progress: Progress) -> bool:
        from handloom.engine.callbacks.interrupt import INTERRUPTED

        return progress.stop == INTERRUPTED and progress.epoch < self._planned()

    def _close(self, progress: Progress) -> None:
        is_stopped = self._is_stopped(progress)
        if progress.stop is not None and (is_stopped or progress.epoch < self._planned()):
            self.display.message(f"stopped: {progress.stop}")
        if not is_stopped and self.best.best is not None and self.best.best_epoch < progress.epoch:
            epoch, value = self.best.best_epoch, self.best.best
            self.display.message(f"kept: epoch {epoch}, the best by validation ({value:.4g})")
        self.directory.write_status(
            {
                "status": "stopped" if is_stopped else "trained",
                "reason": progress.stop,
                "epoch": progress.epoch,
                "best_epoch": self.best.best_epoch,
                "seconds": round(progress.seconds, 3),
            }
        )

    def _planned(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    def _save(self, fit: Fit) -> None:
        from handloom.engine import checkpoint

        self.directory.write_checkpoint(*checkpoint.take(fit))

    def _restore(self, fit: Fit, saved: Saved) -> None:
        from handloom.engine import checkpoint

        try:
            checkpoint.put(fit, saved.tensors, saved.numbers)
        except (KeyError, RuntimeError) as error:
            raise UserError(
                f"the checkpoint of {self.directory.path} is not of the network in its "
                f"config.json ({str(error)[:200]}): restore both from one copy"
            ) from None
        progress = fit.progress
        self.display.message(f"resuming after epoch {progress.epoch}, step {progress.step:,}")

    def _failed(self, error: Diverged, fit: Fit, stage: Stage) -> UserError:
        """Save what was good, note the end, and say what there is."""
        if fit.experiment.monitor is not None:  # without one the weights are the last: lost
            self.best.flush(fit)
        status = {"status": "failed", "reason": str(error), "epoch": fit.progress.epoch}
        self.directory.write_status(status)
        kept = ""
        if (self.directory.path / "networks.safetensors").exists():
            kept = f"the networks of epoch {self.best.best_epoch} are kept in "
            kept += f"{self.directory.path}; "
        flag = f"--{error.phase}-lr" if f"{error.phase}_lr" in vars(self.config) else "--lr"
        remedy = stage.remedy or f"a smaller {flag} or --clip 1"
        return UserError(f"{error}: {kept}train again with {remedy}")


def newest_checkpoint(directory: RunDirectory, display: Display) -> Saved | None:
    """The newest whole checkpoint; None where the run begins again, from its seed."""
    from handloom.engine.checkpoint import stage_start

    checkpoint = directory.checkpoint()
    if checkpoint is None:
        return None
    tensors, numbers, notes = checkpoint
    for note in notes:
        display.note(note)
    return Saved(tensors, numbers, stage_start(numbers))


def cycle(last: Stage, number: int, epochs: int) -> Stage:
    """A new cycle over a finished training: the same networks and optimizers, schedules anew.

    Its learning rate warms up and falls again, since at the end of a schedule nothing is learned
    any more. What ran its course in the first cycle, such as the warm-up of a KL weight, stays.
    """

    def build(previous: Experiment | None) -> Experiment:
        experiment = last.build(None) if previous is None else previous
        scheduled = [value.again() for value in experiment.scheduled]
        return replace(experiment, epochs=epochs, scheduled=scheduled)

    return Stage(f"cycle {number}", epochs, build, last.callbacks)


def plan(stages: Sequence[Stage]) -> list[dict[str, Any]]:
    """Names and epochs, for config.json."""
    return [{"name": stage.name, "epochs": stage.epochs} for stage in stages]


def planned(stages: Sequence[Stage], recorded: Sequence[dict[str, Any]]) -> list[Stage]:
    """The stages of a recorded plan: those that the job builds, and the cycles added since."""
    added = list(stages)
    for record in recorded[len(stages) :]:
        added.append(cycle(stages[-1], len(added) + 1, record["epochs"]))
    return added
