"""What is done once with the saved networks when a training has ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.results import CHOSE_EPOCH, NothingHeldOut
from handloom.jobs.training.places import is_place_of
from handloom.waiting import doing
from handloom.wording import are, kind_and_reason

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.job import Job
    from handloom.jobs.loading import Loaded
    from handloom.runs.records import Evaluated, RunConfig

CHOOSING = ("valid", "held out")  # names of the split that a monitor looks at


def finish(run: Loaded[RunConfig], display: Display) -> None:
    """Evaluate on unseen data, and write the report.

    Raises UserError where data that were held out cannot be evaluated: the run is then trained and
    not finished, and a resume tries again. A report that cannot be drawn costs nothing else.
    """
    run = run.keeping()
    evaluate = run.job.finish or run.job.verb("evaluate").function
    try:
        with doing("evaluating"):
            run.directory.write_evaluation(qualified(run, evaluate(run)))
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
        except Exception as error:  # whatever it is, the run is worth more than its page
            display.note(
                f"no report: {kind_and_reason(error)}; "
                f"'handloom report {run.directory.path}' tries again"
            )


def qualified(run: Loaded[RunConfig], evaluation: Evaluated, data: str | None = None) -> Evaluated:
    """An evaluation, with "optimistic": True where the split it is of chose the best of several
    epochs, which is then among the reasons in "optimistic_because".

    data: those it is of; None for the run's own.
    """
    own = data is None or evaluation.get("own_data", False) or is_place_of(run.config, data)
    if own and evaluation.get("split") in CHOOSING and has_chosen(run):
        because = evaluation.get("optimistic_because", [])
        if CHOSE_EPOCH not in because:  # a recorded evaluation has it already
            because = [*because, CHOSE_EPOCH]
        return evaluation | {"optimistic": True, "optimistic_because": because}
    of_validation = evaluation.get("of_validation", 0)
    if of_validation and has_chosen(run):
        chose = f"{of_validation:,} of these {are(of_validation)} validation data, which chose the "
        chose += "epoch"
        return evaluation | {"optimistic": True, "optimistic_because": [chose]}
    return evaluation


def has_chosen(run: Loaded[RunConfig]) -> bool:
    """Whether the best of several epochs was kept; one alone is no choice."""
    monitor = run.directory.status().get("monitor")
    return monitor is not None and sum(monitor in line for line in run.directory.metrics()) > 1


def describe(job: Job, evaluation: Evaluated) -> list[str]:
    """An evaluation in lines: the result first, at last what is to be thought of it."""
    lines = list[str](job.describe(evaluation))
    if evaluation.get("trained_on"):
        lines.append(f"left out, as trained on: {evaluation['trained_on']:,}")
    if evaluation.get("validated_on"):
        lines.append(f"left out, as validated on: {evaluation['validated_on']:,}")
    if evaluation.get("near_copies"):
        number = f"{evaluation['near_copies']:,}"
        lines.append(f"left out, as near-copies of what was trained on: {number}")
    if evaluation.get("optimistic"):
        because = evaluation.get("optimistic_because", [CHOSE_EPOCH])
        lines.append(f"optimistic: {'; '.join(because)}")
    return lines


def write_report(run: Loaded[RunConfig]) -> Path:
    """Make report.html, one offline file, and say where it is."""
    if run.job.report is None:
        run.job.verb("report")  # says in a sentence what there is instead
    assert run.job.report is not None
    with doing("making the report"):
        page: str = run.job.report(run.keeping())
        return run.directory.write_report(page)
