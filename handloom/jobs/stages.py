"""The stages of a training, run one after another, with the callbacks every run has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.options import TrainingConfig

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.engine.callbacks.best import KeepBest
    from handloom.engine.loop import Callback, Diverged, Fit
    from handloom.jobs.job import Built
    from handloom.jobs.options import CommonConfig
    from handloom.jobs.preparation import Prepared
    from handloom.runs.directory import RunDirectory


def run_stages(
    prepared: Prepared,
    built: Built,
    directory: RunDirectory,
    display: Display,
    resume: bool = False,
    save_first: bool = False,
) -> None:
    """Train to the end or to a stop, and leave a status: trained, stopped or failed.

    save_first: save the state before the first step, where the seed alone does not give it.
    """
    from handloom.engine import checkpoint
    from handloom.engine.callbacks.interrupt import INTERRUPTED, stop_on_signal
    from handloom.engine.loop import Diverged

    fit, best = _watched(prepared.config, built, directory, display)
    if resume:
        _restore(fit, directory, display)
    if save_first:
        directory.write_checkpoint(*checkpoint.take(fit))
    directory.write_status({"status": "running"})
    try:
        with stop_on_signal(fit):
            progress = fit.run()
    except Diverged as error:
        raise _failed(error, prepared.config, fit, best, directory) from None
    cut_short = progress.stop == INTERRUPTED and progress.epoch < fit.experiment.epochs
    if progress.stop is not None and (cut_short or progress.stop != INTERRUPTED):
        display.message(f"stopped: {progress.stop}")
    directory.write_status(
        {
            "status": "stopped" if cut_short else "trained",
            "reason": progress.stop,
            "epoch": progress.epoch,
            "best_epoch": best.best_epoch,
            "seconds": round(progress.seconds, 3),
        }
    )


def _failed(
    error: Diverged, config: CommonConfig, fit: Fit, best: KeepBest, directory: RunDirectory
) -> UserError:
    """Save what was good, note the end, and say what there is."""
    if fit.experiment.monitor is not None:  # without one, the weights are the last, which are lost
        best.flush(fit)
    epoch = fit.progress.epoch
    directory.write_status({"status": "failed", "reason": str(error), "epoch": epoch})
    kept = (directory.path / "networks.safetensors").exists()
    what = f"the networks of epoch {best.best_epoch} are kept in {directory.path}; " if kept else ""
    flag = f"--{error.phase}-lr" if f"{error.phase}_lr" in vars(config) else "--lr"
    return UserError(f"{error}: {what}train again with a smaller {flag} or --clip 1")


def _watched(
    config: CommonConfig, built: Built, directory: RunDirectory, display: Display
) -> tuple[Fit, KeepBest]:
    """The training with its callbacks; checkpoints come last, when the others have their state."""
    from handloom.engine.callbacks.best import KeepBest
    from handloom.engine.callbacks.checkpoints import Checkpoints
    from handloom.engine.callbacks.journal import Journal
    from handloom.engine.callbacks.progress import ProgressLine
    from handloom.engine.callbacks.tensorboard import TensorBoard
    from handloom.engine.loop import Fit

    best = KeepBest(directory, config.patience if isinstance(config, TrainingConfig) else None)
    callbacks: list[Callback] = [watch(directory) for watch in built.stages[0].watches]
    callbacks += [best, Journal(directory), TensorBoard(directory), ProgressLine(display)]
    callbacks += [Checkpoints(directory, best)]
    return Fit(built.experiment, callbacks), best


def _restore(fit: Fit, directory: RunDirectory, display: Display) -> None:
    """Take up the newest whole checkpoint; without any the run begins again, from its seed."""
    from handloom.engine import checkpoint

    saved = directory.checkpoint()
    if saved is None:
        return
    tensors, numbers, notes = saved
    for note in notes:
        display.note(note)
    try:
        checkpoint.put(fit, tensors, numbers)
        display.message(f"resuming after epoch {fit.progress.epoch}, step {fit.progress.step:,}")
    except (KeyError, RuntimeError) as error:
        raise UserError(
            f"the checkpoint of {directory.path} is not of the network in its config.json "
            f"({str(error)[:200]}): restore both from one copy"
        ) from None
