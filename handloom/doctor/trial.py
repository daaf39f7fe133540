"""A job, trained for seconds on what ships with the package."""

import math
import tempfile
import time
from pathlib import Path

from handloom.doctor.check import Check, stumbled
from handloom.errors import UserError
from handloom.extras import ExtraMissing
from handloom.jobs import find_job
from handloom.jobs.job import Job
from handloom.runs.records import Evaluated

GROUP = "jobs"
REPORT = "this is a defect: please report it with the whole message"


def tried(name: str, folder: Path) -> Check:
    """Whether a job trains, is evaluated and leaves a finished run with finite numbers."""
    job = find_job(name)
    if job.example.data is None and job.sets is None:
        return Check(GROUP, name, "untried", "nothing that ships with the package is data for it")
    started = time.monotonic()
    try:
        # Windows removes nothing that is still mapped; the folder itself goes with the process.
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as place:
            evaluation = _trained(job, Path(place))
    except ExtraMissing as error:
        text, _, remedy = str(error).rpartition(": ")
        return Check(GROUP, name, "missing", text, remedy)
    except UserError as error:
        return Check(GROUP, name, "failed", str(error), "what the message says")
    except Exception as error:  # whatever a job makes of a machine that it does not fit
        text, remedy = stumbled(error)
        return Check(GROUP, name, "failed", text, remedy or REPORT)
    seconds = time.monotonic() - started
    wrong = [key for key, value in evaluation.items()
             if isinstance(value, float) and not math.isfinite(value)]  # fmt: skip
    if wrong:
        text = f"trained, and {', '.join(wrong)} came out as no number"
        return Check(GROUP, name, "failed", text, "try --device cpu --precision float32", seconds)
    return Check(GROUP, name, "works", f"trained and evaluated in {seconds:.1f} s", "", seconds)


def _trained(job: Job, folder: Path) -> Evaluated:
    """The evaluation of a run of the job's example."""
    from handloom.display.console import Display
    from handloom.jobs.training.lifecycle import train

    options = dict(job.example.options)
    if job.example.data is not None:
        data, more = job.example.data(folder)
        options |= more
    else:
        assert job.sets is not None
        data = job.sets()[0]
    run = train(job.name, data, options, Display(quiet=True), folder / "run")
    status = run.status()["status"]
    if status != "finished":
        raise RuntimeError(f"the run is left {status}")
    return run.evaluation() or {}
