"""Train and resume: a recipe, a run directory and the observers, put together."""

import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.options import check
from handloom.recipes import recipe
from handloom.recipes.options import Built, Common
from handloom.runs import RunDirectory

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor, nn

    from handloom.engine.loop import Fit, Observer
    from handloom.observers.best import KeepBest


Report = Callable[[str, int, int], None]
"""Called while data are read: what is being done, how many are done, of how many."""


@dataclass
class Prepared:
    """A training that is ready to start."""

    job: str
    module: ModuleType
    config: Common
    data: str
    built: Built


def train(
    job: str,
    data: str,
    options: dict[str, Any],
    console: "Console",
    out: Path | None = None,
    from_run: Path | None = None,
) -> RunDirectory:
    """Train `job` on `data` into a new run directory; the run is returned, finished or stopped."""
    prepared = prepare(job, _absolute(data), options, console)
    if from_run is not None:
        _start_from(prepared, from_run)
    directory = RunDirectory.create(out, job, data)
    with directory.lock():
        directory.write_config(_record(prepared))
        _announce(prepared, directory, console)
        _fit(prepared, directory, console)
    return directory


def resume(path: Path, console: "Console", epochs: int | None = None) -> RunDirectory:
    """Go on from the newest whole checkpoint, to the bit as if nothing had happened.

    epochs: a new total; schedules keep the horizon they began with.
    """
    directory = RunDirectory.open(path)
    with directory.lock():
        config = directory.config()
        prepared = prepare(config["job"], config["data"], config["options"], console, recorded=True)
        if prepared.built.record["fingerprint"] != config["fingerprint"]:
            raise UserError(
                f"the data at {config['data']} are not those the run began with: restore them, or "
                f"train a new run with --from {path}"
            )
        prepared.built.experiment.epochs = config["epochs"] if epochs is None else epochs
        directory.write_config(config | {"epochs": prepared.built.experiment.epochs})
        _fit(prepared, directory, console, resume=True)
    return directory


def prepare(
    job: str, data: str, options: dict[str, Any], console: "Console", recorded: bool = False
) -> Prepared:
    """Check the options, read the data, choose what was left open, build the experiment.

    recorded: the options are those of a run to go on with, in which nothing is left open.
    """
    module = recipe(job)
    config: Common = check(module.Config, options)
    if config.epochs is not None and config.minutes is not None:
        raise UserError("--epochs and --minutes exclude each other: give one of them")
    with reading(console) as report:
        loaded = module.load(config, data, report)
    from handloom.engine.precision import pick_device

    device = pick_device(config.device)
    if not recorded:
        minutes = config.minutes
        config = replace(module.resolve(config, loaded), minutes=None)
        if minutes is not None:
            config = replace(
                config, epochs=_epochs_in(minutes, _build(module, config, loaded, device))
            )
    return Prepared(job, module, config, data, _build(module, config, loaded, device))


def _build(module: ModuleType, config: Common, loaded: Any, device: Any) -> Built:
    """Build from the seed, so that the same options give the same weights and batches."""
    import torch

    torch.manual_seed(config.seed)
    if config.deterministic:
        torch.use_deterministic_algorithms(True)
    built: Built = module.build(config, loaded, device)
    return built


def _epochs_in(minutes: float, built: Built, probe: float = 2.0) -> int:
    """Whole epochs that fit in `minutes`, by the speed of `probe` seconds of real steps.

    Counted before training starts, so that a run by the clock can be resumed to the bit too.
    """
    from handloom.engine.loop import Fit
    from handloom.observers.clock import StopAfter

    endless = replace(built.experiment, evaluations={}, monitor=None, epochs=10**9, capture=False)
    trial = Fit(endless, [StopAfter(probe)])
    done = trial.run()
    per_epoch = done.seconds / done.step * built.experiment.train.steps
    return max(1, round(60 * minutes / (1.1 * per_epoch)))  # a tenth goes to evaluation


def _start_from(prepared: Prepared, path: Path) -> None:
    """Copy the weights of another run into the new networks, where names and shapes agree."""
    saved = RunDirectory.open(path).networks()
    experiment, copied = prepared.built.experiment, 0
    # The trained networks, and the averaged ones that are kept, which are other modules.
    for networks in (dict(experiment.objective.named_children()), experiment.networks):
        for name, network in networks.items():
            copied += _copy_fitting(network, saved.get(name, {}))
    if not copied:
        raise UserError(f"nothing in {path} fits this network: --from needs a run of the same kind")


def _copy_fitting(network: "nn.Module", saved: dict[str, "Tensor"]) -> int:
    """Copy the tensors whose name and shape agree; their number is returned."""
    import torch

    copied = 0
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            if key in saved and saved[key].shape == tensor.shape:
                tensor.copy_(saved[key])
                copied += 1
    return copied


def _fit(
    prepared: Prepared, directory: RunDirectory, console: "Console", resume: bool = False
) -> None:
    """Train to the end or to a stop, and leave a status."""
    from handloom.engine.loop import Diverged
    from handloom.observers.interrupt import INTERRUPTED, stop_on_signal

    fit, best = _watched(prepared, directory, console)
    if resume:
        _restore(fit, directory, console)
    directory.write_status({"status": "running"})
    try:
        with stop_on_signal(fit):
            progress = fit.run()
    except Diverged as error:
        raise UserError(
            f"{error}: the weights of the best epoch and the last good checkpoint are kept in "
            f"{directory.path}; try a smaller --lr or --clip 1"
        ) from None
    cut_short = progress.stop == INTERRUPTED and progress.epoch < fit.experiment.epochs
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


def _watched(
    prepared: Prepared, directory: RunDirectory, console: "Console"
) -> tuple["Fit", "KeepBest"]:
    """The training with its observers; checkpoints come last, when the others have their state."""
    from handloom.engine.loop import Fit
    from handloom.observers.best import KeepBest
    from handloom.observers.checkpoints import Checkpoints
    from handloom.observers.journal import Journal
    from handloom.observers.progress import ProgressLine
    from handloom.observers.tensorboard import TensorBoard

    best = KeepBest(directory, prepared.config.patience)
    observers: list[Observer] = [watch(directory) for watch in prepared.built.watchers]
    observers += [best, Journal(directory), TensorBoard(directory), ProgressLine(console)]
    observers += [Checkpoints(directory, best)]
    return Fit(prepared.built.experiment, observers), best


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
    except (KeyError, RuntimeError) as error:
        raise UserError(
            f"the checkpoint of {directory.path} is not of the network in its config.json "
            f"({str(error)[:200]}): restore both from one copy"
        ) from None


def _announce(prepared: Prepared, directory: RunDirectory, console: "Console") -> None:
    """Say what will be trained: the data, the layers, the numbers, the place."""
    from handloom.screen import announce

    announce(console, prepared.data, prepared.built, directory.path)


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
            "capture": experiment.capture,
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


@contextmanager
def reading(console: "Console") -> Iterator[Report]:
    """A bar for what takes long while data are read; nothing is shown for what is quick."""
    began = time.monotonic()
    status = console.status("reading")
    shown = False

    def report(what: str, done: int, total: int) -> None:
        nonlocal shown
        if not shown and time.monotonic() - began > 0.5 and console.is_terminal:
            status.start()
            shown = True
        if shown:
            status.update(f"{what} {done:,} of {total:,}" if total else what)

    try:
        yield report
    finally:
        if shown:
            status.stop()


def _absolute(data: str) -> str:
    """Paths are recorded whole, so that a run can be resumed from another folder; names win."""
    from handloom.data.named import named

    return data if named(data) or not Path(data).exists() else str(Path(data).resolve())
