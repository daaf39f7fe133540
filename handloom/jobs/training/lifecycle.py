"""Train and resume: the same for every job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.jobs.options import TrainingConfig, vain_patience
from handloom.jobs.training import environment
from handloom.jobs.training.places import (
    locate_data,
    options_of,
    recorded_place,
    refuse_strange,
)
from handloom.jobs.training.preparation import (
    Accept,
    Prepared,
    absolute,
    all_right,
    note_choices,
    prepare,
    reading,
)
from handloom.jobs.training.recording import opening, record_of
from handloom.jobs.training.stages import Stages
from handloom.jobs.training.standing import (
    Standing,
    another_cycle,
    check_data,
    check_network,
    plan,
    planned,
    standing,
)
from handloom.jobs.training.starting import beginning, start_from
from handloom.runs.directory import RunDirectory
from handloom.wording import first_and_more, pluralize, with_article

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.training.stage import Built
    from handloom.jobs.training.trials import Search
    from handloom.runs.records import Options, RunConfig


def train(
    job: str,
    data: str,
    options: Options,
    display: Display,
    out: Path | None = None,
    from_run: Path | None = None,
    accept: Accept = all_right,
) -> RunDirectory:
    """Train `job` on `data` into a new run directory; the run is returned, finished or stopped.

    accept: is called with its config.json before trials and before the training, and may raise.
    """
    if out is not None:
        RunDirectory.refuse(out)  # before an hour of decoding
    start, options = beginning(find_job(job), from_run, options)
    prepared = prepare(job, absolute(find_job(job), data), options, display, accept)
    search = _search(prepared, display)
    if search is None:  # whatever is wrong is said before a directory is made
        given = prepared.config
        prepared.resolve()
        note_choices(prepared, given, display)
        started = _started(prepared, start, display)
    directory = RunDirectory.create(out, job, data)
    with directory.lock():
        if search is not None:
            known = opening(prepared, search, directory, start)
            prepared.accept(known)
            directory.write_config(known)
            if not _choose(prepared, search, directory, display):
                return directory
            started = _started(prepared, start, display, directory)
        _start(prepared, started, directory, display)
    return directory


@dataclass(frozen=True)
class Started:
    """What is about to be trained. start: the run whose weights it has taken; message: how many."""

    built: Built
    start: RunDirectory | None = None
    message: str | None = None


def _started(
    prepared: Prepared,
    start: RunDirectory | None,
    display: Display,
    run: RunDirectory | None = None,
) -> Started:
    """Build what the options ask for, or what trials chose for a run that is there already."""
    built = prepared.build()
    vain = vain_patience(prepared.config, built)
    if vain is not None and run is None:
        raise UserError(f"{vain}; leave it out, or hold out a validation split if the job takes it")
    if vain is not None and isinstance(prepared.config, TrainingConfig):
        display.note(f"{vain}, so it is left out")
        prepared.config = replace(prepared.config, patience=None)
    if start is None:
        return Started(built)
    return Started(built, start, start_from(prepared.job, built, start, run))


def _start(prepared: Prepared, started: Started, directory: RunDirectory, display: Display) -> None:
    """Train from the beginning, or from the weights of another run."""
    built = started.built
    record = record_of(prepared, built, directory)
    if started.start is not None:
        record |= {"from": started.message, "from_run": str(started.start.path.resolve())}
    exists = (directory.path / "config.json").exists()
    known: RunConfig = directory.config() if exists else {}
    if "created" in known:
        record["created"] = known["created"]
    if "trials" in known:
        record["trials"] = known["trials"]
    if "choice" in known:
        record["choice"] = known["choice"]
    prepared.accept(record)
    directory.write_config(record)
    if prepared.job.contents is not None:
        directory.write_learned(prepared.job.contents(prepared.loaded))
    _announce(prepared, built, directory, display)
    if started.message is not None:
        display.message(started.message)
    with environment.determinism(prepared.config.deterministic):
        stages = Stages(prepared.config, built, directory, display)
        stages.run(save_first=started.start is not None)
    _finish(prepared, directory, display)


def _search(prepared: Prepared, display: Display) -> Search | None:
    search = prepared.job.search
    if search is None:
        return None
    with reading(display) as report:
        return search(prepared.config, prepared.loaded, prepared.device, report)


def _choose(prepared: Prepared, search: Search, directory: RunDirectory, display: Display) -> bool:
    """Run the trials and resolve the config by them; False where the search was stopped."""
    from handloom.jobs.training.trials import Interrupted, run_trials

    directory.write_status({"status": "running"})
    for note in search.notes:
        display.note(note)
    try:
        with environment.determinism(prepared.config.deterministic):
            choice = run_trials(search, directory, display, prepared.config.seed)
    except (Interrupted, KeyboardInterrupt):
        directory.write_status({"status": "stopped", "reason": "interrupted in its trials"})
        return False
    options, given = choice.options, prepared.config
    if "epochs" in options:  # the trials have planned the minutes, and so used them
        planned: Options = {"minutes": None}
        options, given = options | planned, replace(given, **planned)
    prepared.config = replace(prepared.config, **options)
    prepared.resolve()
    note_choices(prepared, given, display, len(search.trials) > 1)
    directory.write_config(directory.config() | {"choice": choice.record()})
    return True


def resume(
    path: Path, display: Display, epochs: int | None = None, data: str | None = None,
    accept: Accept = all_right,
) -> RunDirectory:  # fmt: skip
    """Go on from the newest whole checkpoint, to the bit as if nothing had happened.

    epochs: a new total. What is added to the plan of a run is a new cycle of its schedule. A run
    that is finished is left alone, unless the new total is larger than what it has. data: where
    the data of the run lie now, if they were moved; they must be the same. accept: as of `train`,
    of a run whose training has not begun.
    """
    directory = RunDirectory.open(path)
    with directory.lock():
        config, job = directory.config(), find_job(directory.config()["job"])
        has_epochs = issubclass(job.config, TrainingConfig)
        refuse_strange(directory, config)
        if epochs is not None:
            _check_is_open(path, config, epochs, has_epochs)
        if directory.status()["status"] == "finished" and epochs is None:
            more = ": --epochs N goes on to a new total of N" if has_epochs else ""
            display.message(f"{path} is finished{more}")
            return directory
        stand = standing(directory, config, display) if "stages" in config else None
        added = 0 if stand is None or epochs is None else stand.added(epochs, path)
        with environment.threads(config["environment"]["threads"]):
            options = options_of(directory, config)
            options, notes = environment.restored(options, config["environment"])
            for note in notes:
                display.note(note)
            place = locate_data(directory, config) if data is None else absolute(job, data)
            prepared = prepare(config["job"], place, options, display, accept)
            if stand is None:
                _go_on_choosing(prepared, config, directory, display)
            else:
                _go_on(prepared, directory, config, stand, display, added)
    return directory


def _check_is_open(path: Path, config: RunConfig, epochs: int, has_epochs: bool) -> None:
    """Raise a UserError where the plan of a run takes no other number of epochs."""
    if not has_epochs:
        raise UserError(
            f"--epochs {epochs}: {with_article(config['job'])} run has a fixed plan; leave it "
            "out, or start a new run with other options"
        )
    if "stages" not in config:
        raise UserError(
            f"--epochs {epochs}: {path} was stopped in its trials, whose plan is fixed; resume it "
            "without --epochs first"
        )


def _go_on(
    prepared: Prepared,
    directory: RunDirectory,
    config: RunConfig,
    stand: Standing,
    display: Display,
    added: int,
) -> None:
    """Train what is left of the plan, and a cycle of `added` epochs where there are some."""
    with environment.determinism(prepared.config.deterministic):
        built = prepared.build()
        check_data(built.record["fingerprint"], prepared.data, config)
        check_network(built.record.get("network"), config.get("network"), directory)
        config = {**config, **recorded_place(prepared.job, prepared.data, directory)}
        stages = planned(built.stages, config["stages"])
        if added:
            stages.append(another_cycle(stages, built.stages[-1], added, stand, directory.path))
            config |= {"stages": plan(stages), "epochs": stand.total + added}
            display.message(f"{stages[-1].name}: {pluralize(added, 'epoch')} more, schedules anew")
            directory.restart()
        directory.write_config(config)
        if directory.status()["status"] != "trained":
            built = replace(built, stages=stages)
            start = config.get("from_run") if stand.saved is None else None
            if start is not None:  # killed before its first checkpoint
                start_from(prepared.job, built, RunDirectory.open(start))
            Stages(prepared.config, built, directory, display).run(stand.saved, start is not None)
    _finish(prepared, directory, display)


def _go_on_choosing(
    prepared: Prepared, config: RunConfig, directory: RunDirectory, display: Display
) -> None:
    """Go on with a search that was stopped, by the plan it began with. Raises UserError where
    another version began it, whose candidates may differ in what they leave open."""
    import handloom
    from handloom.jobs.training.trials import Trial

    begun = config.get("versions", {}).get("handloom")
    if begun != handloom.__version__:
        raise UserError(
            f"{directory.path} was stopped in its trials by another version of Handloom "
            f"({begun or 'not recorded'}), which may train its candidates otherwise than "
            f"{handloom.__version__}: resume it with that version, or train it anew"
        )
    search = _search(prepared, display)
    assert search is not None
    check_data(search.fingerprint, prepared.data, config)
    search = replace(search, trials=[Trial(**trial) for trial in config["trials"]])
    start = None if config["from_run"] is None else RunDirectory.open(config["from_run"])
    if _choose(prepared, search, directory, display):
        started = _started(prepared, start, display, directory)
        _start(prepared, started, directory, display)


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
    from handloom.jobs.training.reporting import finish

    finish(load(directory.path, prepared.config.device), display)
    directory.write_status(status | {"status": "finished"})
