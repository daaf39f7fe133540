"""The parts of `handloom demo`: each trains something in seconds on bundled data and shows it."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def run_demos(console: "Console") -> Path:
    """Every part in turn, into runs/demo-N; the folder is returned."""
    from handloom.jobs.char_rnn import demo as text
    from handloom.jobs.classifier import demo as classifier
    from handloom.jobs.stylize import demo as stylize
    from handloom.jobs.vae import demo as generative
    from handloom.runs.directory import RunDirectory

    folder = RunDirectory.create(None, "demo", "all").path
    parts = {
        "Classify handwritten digits": classifier.demo,
        "Draw digits of its own": generative.demo,
        "Write like Python's manual": text.demo,
        "Paint a photo like another": stylize.demo,
    }
    for title, part in parts.items():
        console.rule(f"[bold]{title}", align="left")
        part(folder, console)
    console.print(f"\nEverything is in {folder}.", highlight=False)
    return folder
