"""The stages of a training, run one after another, with the callbacks every run has."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.options import TrainingConfig
from handloom.metrics.interval import wilson
from handloom.waiting import doing
from handloom.wording import are, interval, percent, pluralize

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.engine.callbacks.best import BestEpoch
    from handloom.engine.loop import Callback, Diverged, Fit
    from handloom.jobs.options import CommonConfig
    from handloom.jobs.training.stage import Built, Stage
    from handloom.jobs.training.standing import Saved
    from handloom.runs.directory import RunDirectory
    from handloom.runs.records import RunStatus

PREFIXES = {"valid": "validation", "test": "test"}
NAMES = {"macro_f1": "macro F1"}
SHARES = ("accuracy", "macro_f1")  # from 0 to 1


class Stages:
    """Everything that the stages of one run share while they are run.

    config: of the job, in which nothing is left open. built: its stages are those planned in
    config.json.
    """

    def __init__(
        self, config: CommonConfig, built: Built, directory: RunDirectory, display: Display
    ) -> None:
        from handloom.engine.callbacks.best import KeepBest
        from handloom.engine.callbacks.journal import Journal
        from handloom.engine.callbacks.tensorboard import TensorBoard

        self.config, self.built = config, built
        self.directory, self.display = directory, display
        patience = config.patience if isinstance(config, TrainingConfig) else None
        self.best = KeepBest(directory, patience)
        self._journal, self._tensorboard = Journal(directory), TensorBoard(directory)

    def run(self, saved: Saved | None = None, save_first: bool = False) -> None:
        """Train to the end or to a stop, and leave a status: trained, stopped or failed.

        saved: a checkpoint to go on from. save_first: save the state before the first step, where
        the seed alone does not give it.
        """
        self.directory.restart()
        number = 0 if saved is None else saved.start.number
        last = len(self.built.stages) - 1
        try:
            fit = self._stage(number, None, saved, save_first)
            while number < last and not fit.progress.interrupted:
                number += 1
                fit = self._stage(number, fit)
        except KeyboardInterrupt:  # while it is solved, or a second time
            self.directory.write_status({"status": "stopped", "reason": "interrupted"})
            raise
        self._close(fit, is_stopped=not (number == last and fit.is_complete))

    def _stage(
        self,
        number: int,
        before: Fit | None,
        saved: Saved | None = None,
        save_first: bool = False,
    ) -> Fit:
        """Run a stage, or what is left of it: nothing where the checkpoint says it has ended."""
        stage, fit = self.built.stages[number], self._fit(number, before, saved)
        if saved is not None:
            self._restore(fit, saved)
        elif stage.solve is not None:
            self._solve(stage, fit)
        # A stage without epochs saves itself when it has ended, at once.
        if saved is None and stage.epochs and (save_first or stage.solve is not None):
            self._save(fit)
        if self.best.patience is not None and stage.epochs and fit.experiment.monitor is None:
            self.display.note(f"stage '{stage.name}' has no validation metric: no --patience in it")
        if saved is None or not saved.is_complete:
            self._run(fit, stage)
        return fit

    def _fit(self, number: int, before: Fit | None, saved: Saved | None) -> Fit:
        """The stage with its callbacks; checkpoints come last, when the others have their state."""
        from handloom.engine.callbacks.checkpoints import Checkpoints
        from handloom.engine.callbacks.progress import ProgressLine
        from handloom.engine.loop import Fit, StageStart

        stage, later = self.built.stages[number], self.built.stages[number + 1 :]
        experiment = self.built.experiment_of(number, None if before is None else before.experiment)
        work = sum(other.epochs * other.work for other in later) / stage.work
        line = ProgressLine(self.display, sum(other.epochs for other in later), work)
        callbacks: list[Callback] = [make(self.directory) for make in stage.callbacks]
        callbacks += [self.best, self._journal, self._tensorboard, line]
        callbacks.append(Checkpoints(self.directory, self.best))
        start, progress = StageStart() if saved is None else saved.start, None
        if before is not None:
            progress = before.progress
            progress.stop = None  # a stage that ended early does not end the next
            start = StageStart(number, progress.epoch, progress.step)
        return Fit(experiment, callbacks, start, progress, stage.epochs)

    def _solve(self, stage: Stage, fit: Fit) -> None:
        """Solve in closed form, and let the result count as one that the best is chosen from.

        What a solved head takes is its features, which were computed as its stage was built.
        """
        from handloom.jobs.training.trials import evaluations

        assert stage.solve is not None
        fit.experiment.objective.eval()
        began = time.perf_counter()
        stage.solve(fit.experiment)
        built = self.built.seconds if stage is self.built.stages[0] else 0.0
        fit.progress.seconds += built + time.perf_counter() - began
        if not stage.epochs:
            record = evaluations(fit.experiment)
            self._journal.start(fit)
            self.best.epoch(fit, record)
            self._journal.epoch(fit, record)

    def _run(self, fit: Fit, stage: Stage) -> None:
        from handloom.engine.callbacks.interrupt import stop_on_signal
        from handloom.engine.loop import Diverged

        try:
            with stop_on_signal(fit), doing("training"):
                fit.run()
        except Diverged as error:
            raise self._failed(error, fit, stage) from None

    def _close(self, fit: Fit, is_stopped: bool) -> None:
        progress, best = fit.progress, self.best.best
        reason = "interrupted" if is_stopped else progress.stop
        if reason is not None:
            self.display.message(f"stopped: {reason}")
        if not is_stopped and best.value is not None and best.epoch < progress.epoch:
            self.display.message(kept(best, self.directory.metrics(), self._evaluated(best)))
        self.directory.write_status(
            {
                "status": "stopped" if is_stopped else "trained",
                "reason": reason,
                "epoch": progress.epoch,
                "best_epoch": best.epoch,
                "monitor": best.monitor,
                "seconds": round(progress.seconds, 3),
            }
        )

    def _evaluated(self, best: BestEpoch) -> int | None:
        """The examples that the best epoch was chosen by, where the job records how many; the
        groups of them, where some belong together: an accuracy does not say how alike these are."""
        record, split = self.built.record, str(best.monitor).partition("/")[0]
        sizes = record.get("groups") or record.get("images") or record.get("texts") or {}
        return sizes.get(split)

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
        status: RunStatus = {"status": "failed", "reason": str(error), "epoch": fit.progress.epoch}
        self.directory.write_status(status)
        kept = ""
        if (self.directory.path / "networks.safetensors").exists():
            kept = f"the networks of epoch {self.best.best.epoch} are kept in "
            kept += f"{self.directory.path}; "
        flag = f"--{error.phase}-lr" if f"{error.phase}_lr" in vars(self.config) else "--lr"
        remedy = stage.remedy or f"a smaller {flag} or --clip 1"
        return UserError(f"{error}: {kept}train again with {remedy}")


def kept(best: BestEpoch, lines: Sequence[dict[str, float]], examples: int | None) -> str:
    """Which epoch was kept, and how sure it is that it was the best: of an accuracy over a known
    number of examples with its interval and the other epochs within it; of another metric with
    its value alone.

    lines: of metrics.jsonl. examples: independent ones that were evaluated after an epoch.
    """
    assert best.monitor is not None
    assert best.value is not None
    prefix, _, name = best.monitor.partition("/")
    metric = f"{PREFIXES.get(prefix, prefix)} {NAMES.get(name, name.replace('_', ' '))}"
    if name != "accuracy" or not examples:
        value = percent(best.value) if name in SHARES else f"{best.value:.4g}"
        return f"kept: epoch {best.epoch}, the best by {metric} ({value})"
    low, high = wilson(best.value * examples, examples)
    others = [line for line in lines if line["epoch"] != best.epoch and best.monitor in line]
    alike = sum(low <= line[best.monitor] <= high for line in others)
    words = f"{metric} {percent(best.value)} ({interval(low, high)}"
    if alike:
        words += f"; {pluralize(alike, 'other epoch')} {are(alike)} within it"
    return f"kept: epoch {best.epoch}, {words})"
