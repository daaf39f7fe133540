"""Where the data of a run lie now, and the files that its options name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError

if TYPE_CHECKING:
    from handloom.jobs.job import Job
    from handloom.runs.directory import RunDirectory
    from handloom.runs.records import Options, RunConfig


def options_of(directory: RunDirectory, config: RunConfig) -> Options:
    """The options of a run, as `Job.recorded` completes them: with the corrections that it keeps,
    and with files where they lie now, also where they were moved together with the run."""
    from handloom.config import path_options
    from handloom.data.io.names import locate
    from handloom.jobs import find_job
    from handloom.jobs.classification.corrections import with_kept
    from handloom.jobs.classification.earlier import check_division

    check_division(directory, config)
    options = with_kept(config, directory)
    for name in path_options(find_job(config["job"]).config):
        recorded = options.get(name)
        if recorded is not None and Path(recorded).is_absolute():
            options[name] = str(locate(recorded, directory.path) or recorded)
    return options


def refuse_strange(directory: RunDirectory, config: RunConfig) -> None:
    """Raises UserError for a run with options, or with values of them, that this version does not
    have, and so cannot train by."""
    from handloom.config import check
    from handloom.jobs import find_job

    job, options = find_job(config["job"]), config["options"]
    strange = [f"no option {name!r}" for name in job.strange(options)]
    try:
        check(job.config, job.recorded(options))
    except UserError as error:
        strange.append(str(error))
    if strange:
        raise UserError(
            f"{directory.path} was begun by another version of Handloom, and this one cannot train "
            f"by its options ({'; '.join(strange)}): resume it with that version, or train it anew"
        )


def is_place_of(config: RunConfig, data: str) -> bool:
    """Whether `data` are those that a run was trained on, by their name or place."""
    trained = config["data"]
    if data == trained:
        return True
    return Path(trained).is_absolute() and Path(data).expanduser().resolve() == Path(trained)


class Changed(UserError):  # noqa: N818
    """The data at a place are not those that a run was trained on."""


def check_own(
    directory: RunDirectory, config: RunConfig, fingerprint: str, place: str, count: int | None
) -> None:
    """Raises Changed where data at a place are not those that a run was trained on.

    count: how many examples are there; None of what is not counted.
    """
    if fingerprint != config["fingerprint"]:
        raise Changed(
            f"the data at {place} are not those the run was trained on{_change(config, count)}: "
            f"name the data to evaluate on, as in 'handloom evaluate {directory.path} DATA'"
        )


def _change(config: RunConfig, count: int | None) -> str:
    """What has changed, where numbers say it."""
    unit = "images" if "images" in config else "texts"
    known = sum((config.get("images") or config.get("texts") or {}).values())
    if count is None or not known:
        return ""
    if count == known:
        return f" (as many {unit}, and another content or label among them)"
    return f" ({count:,} {unit} where it had {known:,})"


def locate_data(directory: RunDirectory, config: RunConfig) -> str:
    """The data of a run: a built-in set by name, or a path, also where run and data were moved.

    Raises UserError where there is nothing at any place they may be.
    """
    from handloom.data.io.names import locate
    from handloom.jobs import find_job

    relative = config.get("data_from_run")
    if relative is None:
        return str(config["data"])
    places, job = [], find_job(config["job"])
    for recorded, way in zip(job.parts(config["data"]), job.parts(relative), strict=True):
        place = locate(recorded, directory.path, way)
        if place is None:
            raise UserError(
                f"the data of {directory.path} are not at {recorded}: say where they are now, as "
                f"in 'handloom resume {directory.path} --data FOLDER' or "
                f"'handloom evaluate {directory.path} FOLDER'"
            )
        places.append(str(place))
    return "\n".join(places)


def recorded_place(job: Job, data: str, directory: RunDirectory) -> RunConfig:
    """What config.json says of where data lie: their place, and the way to it from the run, since
    both may be moved together."""
    from handloom.data.io.names import relative_to_run

    parts = job.parts(data)
    if not all(Path(part).is_absolute() for part in parts):
        return {"data": data}
    relative = [relative_to_run(part, directory.path) for part in parts]
    return {"data": data, "data_from_run": "\n".join(relative)}
