"""Train and resume: an experiment, a run directory and the callbacks, put together."""

import platform
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.display import announce
from handloom.errors import UserError
from handloom.jobs.preparation import Prepared, absolute, prepare
from handloom.runs.directory import RunDirectory

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor, nn

    from handloom.engine.callbacks.best import KeepBest
    from handloom.engine.loop import Callback, Diverged, Fit


def train(
    job: str,
    data: str,
    options: dict[str, Any],
    console: "Console",
    out: Path | None = None,
    from_run: Path | None = None,
) -> RunDirectory:
    """Train `job` on `data` into a new run directory; the run is returned, finished or stopped."""
    if out is not None:
        RunDirectory.refuse(out)  # before an hour of decoding
    start = None if from_run is None else RunDirectory.open(from_run)
    prepared = prepare(job, absolute(data), options, console)
    taken = "" if start is None else _start_from(prepared, start)
    directory = RunDirectory.create(out, job, data)
    with directory.lock():
        directory.write_config(_record(prepared) | ({"from": taken} if taken else {}))
        announce(console, prepared.data, prepared.built, directory.path)
        if taken:
            console.print(taken, highlight=False, soft_wrap=True)
        _fit(prepared, directory, console, first=start is not None)
        _finish(prepared, directory, console)
    return directory


def resume(path: Path, console: "Console", epochs: int | None = None) -> RunDirectory:
    """Go on from the newest whole checkpoint, to the bit as if nothing had happened.

    epochs: a new total; schedules run over all of it. A run that is finished is left
    alone, unless the new total is larger than what it has.
    """
    directory = RunDirectory.open(path)
    with directory.lock():
        config, status = directory.config(), directory.status()
        done = status.get("epoch", 0)
        if epochs is not None and epochs <= done:
            raise UserError(
                f"--epochs {epochs}: {path} has {done} epochs already; give a larger total"
            )
        if status["status"] == "finished" and epochs is None:
            console.print(f"{path} is finished: --epochs N goes on to a new total of N")
            return directory
        prepared = prepare(config["job"], config["data"], config["options"], console, recorded=True)
        if prepared.built.record["fingerprint"] != config["fingerprint"]:
            raise UserError(
                f"the data at {config['data']} are not those the run began with: restore them, or "
                f"train a new run with --from {path}"
            )
        prepared.built.experiment.epochs = config["epochs"] if epochs is None else epochs
        directory.write_config(config | {"epochs": prepared.built.experiment.epochs})
        _fit(prepared, directory, console, resume=True)
        _finish(prepared, directory, console)
    return directory


def _start_from(prepared: Prepared, start: RunDirectory) -> str:
    """Copy the weights of another run into the new networks; a sentence says which.

    What names and shapes agree on is copied, but for the normalisation, which belongs to the data,
    and, where the classes are others, the head.
    """
    saved, theirs = start.networks(), start.config()
    experiment, mine = prepared.built.experiment, prepared.built.record
    skipped = (
        ("normalize.",) if mine.get("classes") == theirs.get("classes") else ("normalize.", "head.")
    )
    copied: set[str] = set()
    # The trained networks, and the averaged ones that are kept, which are other modules.
    for networks in (dict(experiment.objective.named_children()), experiment.networks):
        for name, network in networks.items():
            copied |= {f"{name}/{k}" for k in _copied(network, saved.get(name, {}), skipped)}
    if not copied:
        raise UserError(
            f"nothing in {start.path} fits this network: --from needs a run of the same kind"
        )
    count = sum(len(network.state_dict()) for network in experiment.networks.values())
    return f"{len(copied)} of {count} tensors begin as in {start.path}"


def _copied(
    network: "nn.Module", saved: dict[str, "Tensor"], skipped: tuple[str, ...]
) -> Iterator[str]:
    """Copy the tensors whose name and shape agree; their names."""
    import torch

    for key, tensor in network.state_dict().items():
        fits = key in saved and saved[key].shape == tensor.shape
        if fits and not key.startswith(skipped):
            with torch.no_grad():
                tensor.copy_(saved[key])
            yield key


def _fit(
    prepared: Prepared,
    directory: RunDirectory,
    console: "Console",
    resume: bool = False,
    first: bool = False,
) -> None:
    """Train to the end or to a stop, and leave a status.

    first: save the state before the first step, where the seed alone does not give it.
    """
    from handloom.engine import checkpoint
    from handloom.engine.callbacks.interrupt import INTERRUPTED, stop_on_signal
    from handloom.engine.loop import Diverged

    fit, best = _watched(prepared, directory, console)
    if resume:
        _restore(fit, directory, console)
    if first:
        directory.write_checkpoint(*checkpoint.take(fit))
    directory.write_status({"status": "running"})
    try:
        with stop_on_signal(fit):
            progress = fit.run()
    except Diverged as error:
        raise _failed(error, prepared.config, fit, best, directory) from None
    cut_short = progress.stop == INTERRUPTED and progress.epoch < fit.last_epoch
    if progress.stop is not None and (cut_short or progress.stop != INTERRUPTED):
        console.print(f"stopped: {progress.stop}", highlight=False)
    directory.write_status(
        {
            "status": "stopped" if cut_short else "finished",
            "reason": progress.stop,
            "epoch": progress.epoch,
            "best_epoch": best.best_epoch,
            "seconds": round(progress.seconds, 3),
        }
    )


def _failed(
    error: "Diverged", config: Any, fit: "Fit", best: "KeepBest", directory: RunDirectory
) -> UserError:
    """Save what was good, note the end, and say what there is."""
    if fit.experiment.monitor is not None:  # without one, the weights are the last, which are lost
        best.flush(fit)
    epoch = fit.progress.epoch
    directory.write_status({"status": "failed", "reason": str(error), "epoch": epoch})
    kept = (directory.path / "networks.safetensors").exists()
    what = f"the networks of epoch {best.best_epoch} are kept in {directory.path}; " if kept else ""
    flag = f"--{error.phase}-lr" if hasattr(config, f"{error.phase}_lr") else "--lr"
    return UserError(f"{error}: {what}train again with a smaller {flag} or --clip 1")


def _watched(
    prepared: Prepared, directory: RunDirectory, console: "Console"
) -> tuple["Fit", "KeepBest"]:
    """The training with its callbacks; checkpoints come last, when the others have their state."""
    from handloom.engine.callbacks.best import KeepBest
    from handloom.engine.callbacks.checkpoints import Checkpoints
    from handloom.engine.callbacks.journal import Journal
    from handloom.engine.callbacks.progress import ProgressLine
    from handloom.engine.callbacks.tensorboard import TensorBoard
    from handloom.engine.loop import Fit

    best = KeepBest(directory, prepared.config.patience)
    callbacks: list[Callback] = [watch(directory) for watch in prepared.built.watchers]
    callbacks += [best, Journal(directory), TensorBoard(directory), ProgressLine(console)]
    callbacks += [Checkpoints(directory, best)]
    return Fit(prepared.built.experiment, callbacks), best


def _restore(fit: "Fit", directory: RunDirectory, console: "Console") -> None:
    """Take up the newest whole checkpoint; without any the run begins again, from its seed."""
    from handloom.engine import checkpoint

    saved = directory.checkpoint()
    if saved is None:
        return
    tensors, numbers, notes = saved
    for note in notes:
        console.print(note, style="yellow", soft_wrap=True)
    try:
        checkpoint.put(fit, tensors, numbers)
        console.print(f"resuming after epoch {fit.progress.epoch}, step {fit.progress.step:,}")
    except (KeyError, RuntimeError) as error:
        raise UserError(
            f"the checkpoint of {directory.path} is not of the network in its config.json "
            f"({str(error)[:200]}): restore both from one copy"
        ) from None


def _finish(prepared: Prepared, directory: RunDirectory, console: "Console") -> None:
    """Once, with the saved networks: what they are worth on unseen data, and the report."""
    if directory.status()["status"] != "finished":
        return
    from handloom.jobs.loading import load
    from handloom.jobs.verbs import can, find

    job, loaded = prepared.job, load(directory.path, prepared.config.device)
    try:
        judge = "finish" if can(job, "finish") else "evaluate"
        directory.write_evaluation(find(job, judge)(loaded))
    except UserError as error:  # nothing was held out: the run is finished all the same
        console.print(f"not evaluated: {error}", style="yellow", highlight=False, soft_wrap=True)
    if can(job, "report"):
        directory.write_report(find(job, "report")(loaded))


def _record(prepared: Prepared) -> dict[str, Any]:
    """What config.json holds: enough to open the run without its data or its code's defaults."""
    import torch

    import handloom

    experiment = prepared.built.experiment
    return {
        "job": prepared.job,
        "data": prepared.data,
        "epochs": experiment.epochs,
        "options": asdict(prepared.config),
        "resolved": {
            "device": str(experiment.precision.device),
            "precision": experiment.precision.name,
            "cuda_graph": experiment.cuda_graph,
            "threads": torch.get_num_threads(),
        },
        **prepared.built.record,
        "versions": {
            "handloom": handloom.__version__,
            "torch": str(torch.__version__),
            "python": platform.python_version(),
        },
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
