"""From options and data to an experiment that is ready to start."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from handloom.config import check
from handloom.errors import UserError
from handloom.jobs import recipe
from handloom.jobs.options import Built, Common

if TYPE_CHECKING:
    from rich.console import Console

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
    from handloom.engine.memory import keep_freed_memory
    from handloom.engine.precision import pick_device

    keep_freed_memory()
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
    from handloom.engine.callbacks.clock import StopAfter
    from handloom.engine.loop import Fit

    endless = replace(built.experiment, evaluations={}, monitor=None, epochs=10**9)
    trial = Fit(endless, [StopAfter(probe)])
    done = trial.run()
    per_epoch = done.seconds / done.step * built.experiment.train.steps
    return max(1, round(60 * minutes / (1.1 * per_epoch)))  # a tenth goes to evaluation


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


def absolute(data: str) -> str:
    """Paths are recorded whole, so that a run can be resumed from another folder; names win."""
    from handloom.data.images.named import named

    return data if named(data) or not Path(data).exists() else str(Path(data).resolve())
