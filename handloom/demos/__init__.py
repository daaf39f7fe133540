"""The parts of `handloom demo`: each trains something in seconds on bundled data and shows it."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def run_demos(console: "Console") -> Path:
    """Every part in turn, into runs/demo-N; the folder is returned."""
    from handloom.demos import classifier
    from handloom.runs import RunDirectory

    folder = RunDirectory.create(None, "demo", "all").path
    for title, part in (("Classify handwritten digits", classifier.demo),):
        console.rule(f"[bold]{title}", align="left")
        part(folder, console)
    console.print(f"\nEverything is in {folder}.", highlight=False)
    return folder
