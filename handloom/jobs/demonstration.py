"""A training inside `handloom demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.jobs.training.lifecycle import train
from handloom.runs.records import Options

if TYPE_CHECKING:
    from handloom.display.console import Display


def demonstrated(job: str, data: str, options: Options, display: Display, path: Path) -> Path:
    """Train into `path`, which is returned. Raises KeyboardInterrupt where a person stopped it."""
    run = train(job, data, options, display, path)
    if run.status()["status"] != "finished":
        raise KeyboardInterrupt
    return run.path
