"""Which checks there are: of the machine, of every job, of optional parts, folders and weights."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from handloom.doctor import machine, parts, places
from handloom.doctor.check import Check
from handloom.doctor.trial import tried
from handloom.extras import EXTRAS
from handloom.jobs import JOBS, find_job


class Planned(NamedTuple):
    """A check that has not run yet: called with an empty folder, it says how things stand."""

    group: str
    name: str
    run: Callable[[Path], Check]


def plan() -> list[Planned]:
    """All checks, in the order in which they are shown; listing them imports no torch."""
    weights = dict.fromkeys(name for job in JOBS for name in find_job(job).weights)
    return [
        *(Planned("machine", name, check) for name, check in machine.CHECKS.items()),
        *(Planned("jobs", name, partial(tried, name)) for name in JOBS),
        *(Planned("optional parts", name, partial(parts.part, name)) for name in EXTRAS),
        *(Planned("folders", name, check) for name, check in places.CHECKS.items()),
        *(Planned("weights", name, partial(parts.weights, name)) for name in weights),
    ]
