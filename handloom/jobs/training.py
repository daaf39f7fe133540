"""Train and resume: the same for every job."""

from __future__ import annotations

import platform
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs import environment
from handloom.jobs.preparation import Prepared, absolute, prepare
from handloom.jobs.stages import Stages, cycle, newest_checkpoint, plan, planned
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
        with environment.determinism(prepared.config.deterministic):
            stages = Stages(prepared.config, built.stages, directory, display)
            stages.run(save_first=start is not None)
        _finish(prepared, directory, display)
    return directory


def resume(path: Path, display: Display, epochs: int | None = None) -> RunDirectory:
    """Go on from the newest whole checkpoint, to the bit as if nothing had happened.

    epochs: a new total. What is added to the plan of a run is a new cycle of its schedule. A run
    that is finished is left alone, unless the new total is larger than what it has.
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
            display.message(f"{path} is finished: --epochs N goes on to a new total of N")
            return directory
        with environment.threads(config["environment"]["threads"]):
            _go_on(directory, config, status, display, epochs)
    return directory


def _go_on(
    directory: RunDirectory, config: Record, status: Record, display: Display, epochs: int | None
) -> None:
    prepared = prepare(config["job"], config["data"], config["options"], display, resolved=True)
    prepared.config, notes = environment.restored(prepared.config, config["environment"])
    for note in notes:
        display.note(note)
    if status["status"] != "trained" or epochs is not None:
        with environment.determinism(prepared.config.deterministic):
            built = prepared.build()
            _check_data(built, config, directory)
            is_complete = status["status"] in ("finished", "trained")
            done = status["epoch"] if is_complete else config["epochs"]
            stages = planned(built.stages, config["stages"])
            if epochs is not None and epochs <= done:
                raise UserError(
                    f"--epochs {epochs}: {directory.path} is planned for {done} epochs; leave it "
                    "out to finish them, or give a larger total"
                )
            if epochs is not None:
                stages.append(cycle(built.stages[-1], len(stages) + 1, epochs - done))
                total = {"stages": plan(stages), "epochs": epochs}
                directory.write_config(config | total)
                display.message(f"{stages[-1].name}: {epochs - done} epochs more, schedules anew")
            saved = newest_checkpoint(directory, display)
            Stages(prepared.config, stages, directory, display).run(saved, is_complete)
    _finish(prepared, directory, display)


def _check_data(built: Built, config: Record, directory: RunDirectory) -> None:
    if built.record["fingerprint"] != config["fingerprint"]:
        raise UserError(
            f"the data at {config['data']} are not those the run began with: restore them, or "
            f"train a new run with --from {directory.path}"
        )


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

    return {
        "job": prepared.job.name,
        "data": prepared.data,
        "epochs": sum(stage.epochs for stage in built.stages),
        "stages": plan(built.stages),
        "options": asdict(prepared.config),
        "environment": environment.environment(built.experiment),
        **built.record,
        "versions": {"handloom": handloom.__version__, "python": platform.python_version()},
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
