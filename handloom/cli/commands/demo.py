"""What Handloom can do, on data that ship with it, on the terminal and on one page."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from handloom.cli.commands.shared import results
from handloom.jobs.job import Lazy

if TYPE_CHECKING:
    from handloom.reports.panels import Panel

SEARCH = ("Find digits that are alike", Lazy("handloom.comparison.demo:demo"))
PAGE = "demo.html"


def demo(argv: list[str]) -> int:
    """`handloom demo`: every job that has a demo, then search, on bundled data."""
    from handloom.cli.parser import parse

    parse([], argv, "handloom demo", "Train on bundled data and show the result.")
    from handloom.jobs import JOBS, find_job
    from handloom.runs.directory import RunDirectory
    from handloom.runs.files import write_whole

    folder, screen = RunDirectory.create(None, "demo", "all").path, results()
    parts = [part for part in (find_job(name).demo for name in JOBS) if part is not None]
    panels: list[Panel] = []
    for title, run in [*parts, SEARCH]:
        screen.rule(title, align="left", style="bold")
        started = time.monotonic()
        panel: Panel | None = run(folder, screen)
        if panel is not None:
            panels.append(replace(panel, seconds=time.monotonic() - started))
    write_whole(folder / PAGE, _page(panels).encode())
    screen.message(f"\nEverything is in {folder}; all of it on one page: {folder / PAGE}")
    return 0


def _page(panels: "list[Panel]") -> str:
    import handloom
    from handloom.engine.precision import pick_device
    from handloom.reports.panels import panels_page

    seconds = sum(panel.seconds for panel in panels)
    where = "this computer's processor" if pick_device().type == "cpu" else "this computer's GPU"
    return panels_page(
        panels,
        f"Trained on this computer in {seconds:.0f} seconds",
        "A folder of images or a file of text becomes a working neural network in one command. "
        f"These ran on {where}, on data that ship with the package: no account, no download.",
        f"Handloom {handloom.__version__}: handloom demo",
    )
