"""A training inside `handloom demo`."""

from __future__ import annotations

from pathlib import Path

from handloom.display.console import Display
from handloom.jobs.training.lifecycle import train
from handloom.runs.records import Options


def typed(words: str, options: Options) -> str:
    """What a person types for it: the words of a command, and options."""
    flags = (f"--{name.replace('_', '-')} {value}" for name, value in options.items())
    return " ".join((f"handloom {words}", *flags))


def demonstrated(job: str, data: str, options: Options, display: Display, path: Path) -> Path:
    """Show the command, and train into `path`, which is returned.

    Raises KeyboardInterrupt where a person stopped it.
    """
    display.message(f"{typed(f'train {job} {data}', options)} --out {path}", "cyan")
    run = train(job, data, options, Display(), path)
    if run.status()["status"] != "finished":
        raise KeyboardInterrupt
    return run.path
