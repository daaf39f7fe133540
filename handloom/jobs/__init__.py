"""The jobs: a folder each, and the one table that finds them by name.

A folder holds the record `JOB` (see `job.py`), the Config, and how the job is built, evaluated and
reported. `training/` is the same for all; `images/`, `classification/` and `generation/` are what
several jobs share.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.wording import suggestion

if TYPE_CHECKING:
    from handloom.jobs.job import Job

JOBS = {
    "classifier": "handloom.jobs.classifier",
    "text-classifier": "handloom.jobs.text_classifier",
    "char-rnn": "handloom.jobs.char_rnn",
    "autoencoder": "handloom.jobs.autoencoder",
    "vae": "handloom.jobs.vae",
    "gan": "handloom.jobs.gan",
    "simclr": "handloom.jobs.simclr",
    "clip": "handloom.jobs.clip",
    "stylize": "handloom.jobs.stylize",
    "filter": "handloom.jobs.filter",
}
"""Name -> module, which is imported when the job is asked for."""


def find_job(name: str) -> Job:
    """The record of a job; a UserError lists the jobs there are."""
    if name not in JOBS:
        raise UserError(f"there is no job '{name}': {suggestion(name, list(JOBS))}")
    job: Job = import_module(JOBS[name]).JOB
    return job
