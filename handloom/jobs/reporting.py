"""What is done once with the saved networks when a training has ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.results import NothingHeldOut

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.loading import Loaded


def finish(run: Loaded, display: Display) -> None:
    """Evaluate on unseen data, and write the report.

    Raises UserError where data that were held out cannot be evaluated: the run is then trained and
    not finished, and a resume tries again.
    """
    evaluate = run.job.finish or run.job.verb("evaluate").function
    try:
        run.directory.write_evaluation(evaluate(run))
    except NothingHeldOut as error:
        display.note(f"not evaluated: {error}")
    except UserError as error:
        raise UserError(f"{run.directory.path} is trained, but not evaluated: {error}") from None
    if run.job.report is not None:
        try:
            write_report(run)
        except NothingHeldOut:
            pass  # said already
        except UserError as error:
            display.note(f"no report: {error}")


def write_report(run: Loaded) -> Path:
    """Make report.html, one offline file, and say where it is."""
    if run.job.report is None:
        run.job.verb("report")  # says in a sentence what there is instead
    assert run.job.report is not None
    page: str = run.job.report(run)
    return run.directory.write_report(page)
