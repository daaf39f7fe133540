"""`--repeats N`: one training, once for each of N seeds, and how far its metrics vary.

The runs are of any job: each is trained as if alone, into a directory of its own. All divide the
data alike, since what is asked is how much of a figure is the chance of training; or, by `--vary
split`, all have one seed and each its own division, to ask how much is the chance of that.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.config import SEED, check
from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.jobs.classification.corrections import KEPT
from handloom.jobs.run import Run, open_run
from handloom.jobs.training import lifecycle
from handloom.jobs.training.alike import check_alike
from handloom.jobs.training.preparation import absolute, with_whole_paths
from handloom.runs.directory import RunDirectory
from handloom.runs.records import Options, RepeatsPlan, RepeatsSummary, RunConfig, Spread, Vary
from handloom.runs.repeats import RepeatsDirectory
from handloom.wording import with_article

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.job import Job

OPTION: dict[Vary, str] = {"seed": "seed", "split": "split_seed"}
SEEDS: dict[Vary, str] = {"seed": "seed", "split": "split seed"}
SAME: dict[Vary, str] = {
    "seed": "the same data, split and folds in all, so that they differ by the chance of training "
    "alone",
    "split": "the same data and seed in all, divided anew in each, so that they differ by what "
    "happens to be held out",
}
UNITS = ("images", "texts")  # how many were evaluated, of a share that is right


@dataclass(frozen=True)
class Repeats:
    """Repeated runs, by their directory."""

    path: Path

    @property
    def runs(self) -> list[Run]:
        """Those that have begun, in the order of their seeds."""
        places = RepeatsDirectory(self.path).runs
        return [open_run(path) for path in places if (path / "config.json").is_file()]

    @property
    def summary(self) -> RepeatsSummary | None:
        """Each run, and mean and standard deviation of the metrics; None before all have ended."""
        return RepeatsDirectory(self.path).plan().get("summary")

    def resume(self, quiet: bool = False) -> None:
        """Go on with the run that was stopped or killed, and train those that are left."""
        from handloom.display.console import Display

        resume(self.path, Display(quiet=quiet))


def repeat(
    job: str,
    data: str,
    options: Options,
    count: int,
    display: Display,
    out: Path | None = None,
    from_run: Path | None = None,
    vary: Vary = "seed",
) -> RepeatsDirectory:
    """Train `count` runs, seeds from the given one on; they are returned finished or stopped.

    vary: which seed that is, of the training or of the division of the data, "split". Otherwise as
    `lifecycle.train`. Raises UserError for a job without a metric, for one without a division, and
    under --minutes, since the runs would differ in their epochs.
    """
    record = find_job(job)
    first = _first(record, options, count, vary)
    if out is not None:
        RunDirectory.refuse(out)
    options = with_whole_paths(record, options)
    plan: RepeatsPlan = {
        "job": job,
        "data": absolute(record, data),
        "options": {k: _plain(v) for k, v in options.items() if k != OPTION[vary]},
        "seeds": list(range(first, first + count)),
        "from_run": None if from_run is None else str(from_run.resolve()),
        "vary": vary,
    }
    directory = RepeatsDirectory(RunDirectory.create(out, job, data).path)
    directory.write_plan(plan)
    _train(directory, display, None)
    return directory


def resume(path: Path, display: Display, data: str | None = None) -> RepeatsDirectory:
    """Go on with the run that was stopped or killed, and train those that are left."""
    directory = RepeatsDirectory(path)
    _train(directory, display, data)
    return directory


def summarize(directory: RepeatsDirectory) -> RepeatsSummary:
    """The results of all runs; means are over those that finished."""
    plan, rows = directory.plan(), []
    names = find_job(plan["job"]).metrics
    for path, seed in zip(directory.runs, plan["seeds"], strict=True):
        run = RunDirectory(path)
        evaluation: Mapping[str, Any] = run.evaluation() or {}
        shown = ("split", "optimistic", "optimistic_because", "interval", *UNITS, *names)
        kept = {k: evaluation[k] for k in shown if k in evaluation}
        row: dict[str, Any] = {"run": path.name, "seed": seed, "status": run.status()["status"]}
        rows.append(row | ({"weights": run.weights_digest()} if kept else {}) | kept)
    metrics: dict[str, Spread] = {}
    for name in names:
        values = [float(row[name]) for row in rows if name in row]
        if values:
            std = statistics.stdev(values) if len(values) > 1 else None
            metrics[name] = {"mean": statistics.mean(values), "std": std, "n": len(values)}
    return {"runs": rows, "metrics": metrics, "vary": plan.get("vary", "seed")}


def _first(job: Job, options: Options, count: int, vary: Vary) -> int:
    """The first of the seeds that vary. Raises UserError for what cannot be repeated."""
    if count < 2:
        raise UserError(f"--repeats {count}: must be 2 or more; leave it out to train once")
    if not job.metrics:
        raise UserError(
            f"--repeats {count}: {with_article(job.name)} run has no metric to compare; leave it "
            "out"
        )
    config = check(job.config, options)
    if vars(config).get("minutes") is not None:
        raise UserError(
            f"--repeats {count}: under --minutes the runs would differ in their epochs, and not in "
            "their seed alone; give --epochs"
        )
    given = vars(config)
    if OPTION[vary] not in given:
        raise UserError(
            f"--vary split: the data of {with_article(job.name)} run are not divided by a seed; "
            "leave it out"
        )
    first = config.seed if given[OPTION[vary]] is None else given[OPTION[vary]]
    if first + count - 1 > SEED[1]:
        flag = OPTION[vary].replace("_", "-")
        raise UserError(
            f"--repeats {count}: the seeds from --{flag} {first} on would exceed {SEED[1]}: give a "
            f"smaller --{flag}"
        )
    return int(first)


def _train(directory: RepeatsDirectory, display: Display, data: str | None) -> None:
    """Train what is left; the summary is written when all have ended."""
    if "summary" in directory.plan():
        display.message(f"{directory.path} is finished")
        return
    plan = directory.plan()
    seeds, count, vary = plan["seeds"], len(plan["seeds"]), plan.get("vary", "seed")
    with RunDirectory(directory.path).lock():
        display.message(
            f"{count} runs, {SEEDS[vary]}s {seeds[0]} to {seeds[-1]}, into {directory.path}: "
            f"{SAME[vary]}"
        )
        for number, path in enumerate(directory.runs, 1):
            if _has_ended(path):
                continue
            seed = f"{SEEDS[vary]} {seeds[number - 1]}"
            display.message(f"\nrun {number} of {count}, {seed}", "bold")
            if number == 2 and vary == "seed" and _is_solved(directory.runs[0]):
                display.note(
                    "what is solved in closed form has no chance of training, so all runs will be "
                    "equal: --vary split divides the data anew in each"
                )
            _train_one(directory, number, display, data)
            if not _has_ended(path):
                return
        plan["summary"] = summarize(directory)
        directory.write_plan(plan)


def _train_one(
    directory: RepeatsDirectory, number: int, display: Display, data: str | None
) -> None:
    """One run, from the beginning or from where it stands; one that diverges is an outcome too."""
    path, plan = directory.runs[number - 1], directory.plan()
    first = RunDirectory(directory.runs[0])

    def accept(config: RunConfig) -> None:
        if number > 1:
            check_alike(first, config, path, plan.get("vary", "seed"))

    try:
        if (path / "config.json").is_file():
            lifecycle.resume(path, display, data=data, accept=accept)
        else:
            _remove(path)
            start = plan["from_run"]
            lifecycle.train(
                plan["job"], data or plan["data"], _options(directory, number), display, path,
                None if start is None else Path(start), accept,
            )  # fmt: skip
    except UserError as error:
        if number == 1 or RunDirectory(path).status()["status"] != "failed":
            raise
        display.note(f"run {number} failed: {error}")


def _options(directory: RepeatsDirectory, number: int) -> Options:
    """Those of one run: with its seed, and what the first run has that must not depend on it."""
    plan = directory.plan()
    vary = plan.get("vary", "seed")
    options: Options = plan["options"] | {OPTION[vary]: plan["seeds"][number - 1]}
    if number == 1:
        return options
    first = directory.runs[0]
    known = find_job(plan["job"]).recorded(RunDirectory(first).config()["options"])
    if "split_seed" in known and vary == "seed":
        given = known["split_seed"]
        options["split_seed"] = known["seed"] if given is None else given
    if options.get("corrections") is not None:
        options["corrections"] = str(first / KEPT)
    return options


def _is_solved(path: Path) -> bool:
    return RunDirectory(path).config().get("epochs") == 0


def _has_ended(path: Path) -> bool:
    has_begun = (path / "config.json").is_file()
    return has_begun and RunDirectory(path).status()["status"] in ("finished", "failed")


def _remove(path: Path) -> None:
    """What a run left that was killed before its config.json was written."""
    import shutil

    shutil.rmtree(path, ignore_errors=True)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
