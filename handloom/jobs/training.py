"""Train and resume: the same for every job."""

from __future__ import annotations

import platform
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs import environment, find_job
from handloom.jobs.options import TrainingConfig
from handloom.jobs.places import locate_data
from handloom.jobs.preparation import Prepared, absolute, prepare
from handloom.jobs.stages import Stages, cycle, newest_checkpoint, plan, planned
from handloom.runs.directory import RunDirectory
from handloom.wording import first_and_more, pluralize, with_article

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.stage import Built, Record
    from handloom.jobs.trials import Search


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
    prepared = prepare(job, absolute(find_job(job), data), options, display)
    search = _search(prepared)
    if search is None:  # whatever is wrong is said before a directory is made
        prepared.resolve()
        built = prepared.build()
    directory = RunDirectory.create(out, job, data)
    with directory.lock():
        if search is not None:
            directory.write_config(_opening(prepared, search, directory, from_run))
            if not _choose(prepared, search, directory, display):
                return directory
            built = prepared.build()
        _start(prepared, built, directory, display, start)
    return directory


def _start(
    prepared: Prepared,
    built: Built,
    directory: RunDirectory,
    display: Display,
    start: RunDirectory | None = None,
) -> None:
    """Train from the beginning, or from the weights of the run `start`."""
    record, started = _record(prepared, built, directory), None
    if start is not None:
        from handloom.jobs.starting import start_from

        started = start_from(prepared.job, built, start)
        record["from"] = started
    known = directory.config() if (directory.path / "config.json").exists() else {}
    directory.write_config(record | {k: known[k] for k in ("trials", "choice") if k in known})
    _announce(prepared, built, directory, display)
    if started is not None:
        display.message(started)
    with environment.determinism(prepared.config.deterministic):
        stages = Stages(prepared.config, built.stages, directory, display)
        stages.run(save_first=start is not None)
    _finish(prepared, directory, display)


def _search(prepared: Prepared) -> Search | None:
    search = prepared.job.search
    return None if search is None else search(prepared.config, prepared.loaded, prepared.device)


def _choose(prepared: Prepared, search: Search, directory: RunDirectory, display: Display) -> bool:
    """Run the trials and resolve the config by them; False where the search was stopped."""
    from handloom.jobs.trials import Interrupted, run_trials

    directory.write_status({"status": "running"})
    try:
        with environment.determinism(prepared.config.deterministic):
            choice = run_trials(search, directory, display)
    except Interrupted:
        directory.write_status({"status": "stopped", "reason": "interrupted in its trials"})
        return False
    prepared.config = replace(prepared.config, **choice.options)
    prepared.resolve()
    directory.write_config(directory.config() | {"choice": asdict(choice)})
    return True


def resume(
    path: Path, display: Display, epochs: int | None = None, data: str | None = None
) -> RunDirectory:
    """Go on from the newest whole checkpoint, to the bit as if nothing had happened.

    epochs: a new total. What is added to the plan of a run is a new cycle of its schedule. A run
    that is finished is left alone, unless the new total is larger than what it has. data: where
    the data of the run lie now, if they were moved; they must be the same.
    """
    directory = RunDirectory.open(path)
    with directory.lock():
        config, status = directory.config(), directory.status()
        has_epochs = issubclass(find_job(config["job"]).config, TrainingConfig)
        if epochs is not None and not has_epochs:
            raise UserError(
                f"--epochs {epochs}: {with_article(config['job'])} run has a fixed plan; leave it "
                "out, or start a new run with other options"
            )
        done = status.get("epoch", 0)
        if epochs is not None and epochs <= done:
            raise UserError(
                f"--epochs {epochs}: {path} has {done} epochs already; give a larger total"
            )
        if status["status"] == "finished" and epochs is None:
            more = ": --epochs N goes on to a new total of N" if has_epochs else ""
            display.message(f"{path} is finished{more}")
            return directory
        with environment.threads(config["environment"]["threads"]):
            options, notes = environment.restored(config["options"], config["environment"])
            for note in notes:
                display.note(note)
            place = locate_data(directory, config) if data is None else data
            prepared = prepare(config["job"], place, options, display)
            _go_on(prepared, directory, config, status, display, epochs)
    return directory


def _go_on(
    prepared: Prepared,
    directory: RunDirectory,
    config: Record,
    status: Record,
    display: Display,
    epochs: int | None,
) -> None:
    if "trials" in config and "stages" not in config:
        _go_on_choosing(prepared, config, directory, display)
        return
    if status["status"] != "trained" or epochs is not None:
        with environment.determinism(prepared.config.deterministic):
            built = prepared.build()
            _check_data(built.record["fingerprint"], prepared.data, config, directory)
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
                more = pluralize(epochs - done, "epoch")
                display.message(f"{stages[-1].name}: {more} more, schedules anew")
            saved = newest_checkpoint(directory, display)
            Stages(prepared.config, stages, directory, display).run(saved, is_complete)
    _finish(prepared, directory, display)


def _go_on_choosing(
    prepared: Prepared, config: Record, directory: RunDirectory, display: Display
) -> None:
    """Go on with a search that was stopped, by the plan it began with."""
    from handloom.jobs.trials import Trial

    search = _search(prepared)
    assert search is not None
    _check_data(search.fingerprint, prepared.data, config, directory)
    search = replace(search, trials=[Trial(**trial) for trial in config["trials"]])
    start = None if config["from_run"] is None else RunDirectory.open(config["from_run"])
    if _choose(prepared, search, directory, display):
        _start(prepared, prepared.build(), directory, display, start)


def _check_data(fingerprint: str, place: str, config: Record, directory: RunDirectory) -> None:
    if fingerprint != config["fingerprint"]:
        raise UserError(
            f"the data at {place} are not those the run began with: restore them, or start a new "
            "run"
        )


def _announce(prepared: Prepared, built: Built, directory: RunDirectory, display: Display) -> None:
    from handloom.display.training import announce_data, announce_networks, announce_training

    named = first_and_more(prepared.job.parts(prepared.data))
    announce_data(display, named, built.record, built.notes)
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


def _opening(
    prepared: Prepared, search: Search, directory: RunDirectory, from_run: Path | None
) -> Record:
    """What config.json holds while candidates are tried: the options as they were given."""
    return {
        "job": prepared.job.name,
        **_place(prepared, directory),
        "options": asdict(prepared.config),
        "environment": environment.environment(prepared.device, prepared.config.precision),
        "fingerprint": search.fingerprint,
        "trials": [asdict(trial) for trial in search.trials],
        "from_run": None if from_run is None else str(from_run.resolve()),
    }


def _record(prepared: Prepared, built: Built, directory: RunDirectory) -> Record:
    """What config.json holds: enough to open the run without its data or its code's defaults."""
    import handloom

    return {
        "job": prepared.job.name,
        **_place(prepared, directory),
        "epochs": sum(stage.epochs for stage in built.stages),
        "stages": plan(built.stages),
        "options": asdict(prepared.config),
        "environment": environment.environment(prepared.device, built.experiment.precision.name),
        **built.record,
        "versions": {"handloom": handloom.__version__, "python": platform.python_version()},
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def _place(prepared: Prepared, directory: RunDirectory) -> Record:
    """Where the data lie, and the way to them from the run: both may be moved together."""
    from handloom.data.io.names import relative_to_run

    parts = prepared.job.parts(prepared.data)
    if not all(Path(part).is_absolute() for part in parts):
        return {"data": prepared.data}
    relative = [relative_to_run(part, directory.path) for part in parts]
    return {"data": prepared.data, "data_from_run": "\n".join(relative)}
