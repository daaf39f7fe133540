"""The training that takes the corrections of a run, for its page and for the studio."""

from __future__ import annotations

import dataclasses

from handloom.jobs import find_job
from handloom.runs.records import Options, RunConfig

STAY = ("network", "tune")  # though a trial chose them, so that labels alone differ


def options_of_another(config: RunConfig) -> Options:
    """The options that are not what they are by default and that the run used, but for those that
    its trials chose, which other labels may change; `minutes` became epochs."""
    job = find_job(config["job"])
    options = job.recorded(config["options"])
    idle = job.unused(options) if job.unused is not None else {}
    chosen = config["choice"]["options"].keys() - set(STAY) if "choice" in config else set()
    return {
        field.name: options[field.name]
        for field in dataclasses.fields(job.config)
        if options[field.name] not in (None, field.default)
        and field.name not in ("minutes", "corrections", *idle, *chosen)
    }
