"""Train and resume: the same for every job."""

from __future__ import annotations

import platform
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.preparation import Prepared, absolute, prepare
from handloom.jobs.stages import run_stages
from handloom.runs.directory import RunDirectory

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.job import Built, Record


def train(
    job: str,
    data: str,
    options: Record,
    display: Display,
    out: Path | None = None,
    from_run: Path | None = None,
) -> RunDirectory:
    """Train `job` on `data` into a new run directory; the run is returned, finished or stopped."""
    if out is not None:
        RunDirectory.refuse(out)  # before an hour of decoding
    start = None if from_run is None else RunDirectory.open(from_run)
    prepared = prepare(job, absolute(data), options, display)
    built = prepared.build()
    started = None
    if start is not None:
        from handloom.jobs.starting import start_from

        started = start_from(built, start)
    directory = RunDirectory.create(out, job, data)
    with directory.lock():
        directory.write_config(_record(prepared, built) | ({"from": started} if started else {}))
        _announce(prepared, built, directory, display)
        if started is not None:
            display.message(started)
        run_stages(prepared, built, directory, display, save_first=start is not None)
        _finish(prepared, directory, display)
    return directory


def resume(path: Path, display: Display, epochs: int | None = None) -> RunDirectory:
    """Go on from the newest whole checkpoint, to the bit as if nothing had happened.

    epochs: a new total. What is added to the plan of a run is a new cycle of its schedule. A run
    that is finished is left alone, unless the new total is larger than what it has.
    """
    from handloom.jobs import environment

    directory = RunDirectory.open(path)
    with directory.lock(), ExitStack() as stack:
        config, status = directory.config(), directory.status()
        done = status.get("epoch", 0)
        if epochs is not None and epochs <= done:
            raise UserError(
                f"--epochs {epochs}: {path} has {done} epochs already; give a larger total"
            )
        if status["status"] == "finished" and epochs is None:
            display.message(f"{path} is finished: --epochs N goes on to a new total of N")
            return directory
        prepared = prepare(config["job"], config["data"], config["options"], display, resolved=True)
        prepared.config, notes = environment.restored(prepared.config, config["environment"])
        for note in notes:
            display.note(note)
        stack.enter_context(environment.threads(config["environment"]["threads"]))
        built = prepared.build()
        if built.record["fingerprint"] != config["fingerprint"]:
            raise UserError(
                f"the data at {config['data']} are not those the run began with: restore them, or "
                f"train a new run with --from {path}"
            )
        built.experiment.epochs = config["epochs"] if epochs is None else epochs
        directory.write_config(config | {"epochs": built.experiment.epochs})
        run_stages(prepared, built, directory, display, resume=True)
        _finish(prepared, directory, display)
    return directory


def _announce(prepared: Prepared, built: Built, directory: RunDirectory, display: Display) -> None:
    from handloom.display.training import announce_data, announce_networks, announce_training

    announce_data(display, prepared.data, built.record, built.notes)
    announce_networks(display, built.experiment, built.example)
    stages = [(stage.name, stage.epochs) for stage in built.stages]
    announce_training(display, built.experiment, stages, directory.path)


def _finish(prepared: Prepared, directory: RunDirectory, display: Display) -> None:
    """Evaluate the saved networks; only then is the run finished: interrupted here, it resumes."""
    status = directory.status()
    if status["status"] != "trained":
        return
    from handloom.jobs.loading import load
    from handloom.jobs.reporting import finish

    finish(load(directory.path, prepared.config.device), display)
    directory.write_status(status | {"status": "finished"})


def _record(prepared: Prepared, built: Built) -> Record:
    """What config.json holds: enough to open the run without its data or its code's defaults."""
    import handloom
    from handloom.jobs.environment import environment

    return {
        "job": prepared.job.name,
        "data": prepared.data,
        "epochs": sum(stage.epochs for stage in built.stages),
        "stages": [{"name": stage.name, "epochs": stage.epochs} for stage in built.stages],
        "options": asdict(prepared.config),
        "environment": environment(built.experiment),
        **built.record,
        "versions": {"handloom": handloom.__version__, "python": platform.python_version()},
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
