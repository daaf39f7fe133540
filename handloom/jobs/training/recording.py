"""What config.json says of a run when it begins."""

from __future__ import annotations

import platform
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from handloom.jobs.classification.corrections import keep
from handloom.jobs.classification.earlier import keep_division
from handloom.jobs.training import environment
from handloom.jobs.training.places import recorded_place
from handloom.jobs.training.standing import plan

if TYPE_CHECKING:
    from handloom.jobs.training.preparation import Prepared
    from handloom.jobs.training.stage import Built
    from handloom.jobs.training.trials import Search
    from handloom.runs.directory import RunDirectory
    from handloom.runs.records import RunConfig


def opening(
    prepared: Prepared, search: Search, directory: RunDirectory, start: RunDirectory | None
) -> RunConfig:
    """What config.json holds while candidates are tried: the options as they were given, and the
    version by which those are chosen that were left open."""
    return {
        "job": prepared.job.name,
        **recorded_place(prepared.job, prepared.data, directory),
        "created": now(),
        "options": asdict(prepared.config),
        **keep(prepared.config, directory),
        **keep_division(prepared.config, directory),
        "environment": environment.environment(prepared.device, prepared.config.precision),
        "fingerprint": search.fingerprint,
        "trials": [trial.record() for trial in search.trials],
        "from_run": None if start is None else str(start.path.resolve()),
        "versions": _versions(),
    }


def record_of(prepared: Prepared, built: Built, directory: RunDirectory) -> RunConfig:
    """What config.json holds: enough to open the run without its data or its code's defaults."""
    return {
        "job": prepared.job.name,
        **recorded_place(prepared.job, prepared.data, directory),
        "epochs": sum(stage.epochs for stage in built.stages),
        "stages": plan(built.stages),
        "created": now(),
        "options": asdict(prepared.config),
        **keep(prepared.config, directory),
        **keep_division(prepared.config, directory),
        "environment": environment.environment(prepared.device, built.experiment.precision.name),
        **built.record,
        "versions": _versions(),
    }


def now() -> str:
    """The time, as config.json has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")


def _versions() -> dict[str, str]:
    import handloom

    return {"handloom": handloom.__version__, "python": platform.python_version()}
