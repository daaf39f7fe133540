"""Train, and resume training."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.cli.commands.shared import json_flag, print_json, progress, results, run_argument
from handloom.errors import UserError
from handloom.runs.records import Vary
from handloom.runs.repeats import RepeatsDirectory

if TYPE_CHECKING:
    from handloom.cli.parser import Flag
    from handloom.jobs.job import Job


def train(argv: list[str]) -> int:
    """`handloom train JOB DATA`."""
    from handloom.jobs import JOBS, find_job

    names = [name for name in JOBS if find_job(name).command == "train"]
    if argv[:1] in (["-h"], ["--help"]):
        lines = [f"  {name:16} {find_job(name).summary}" for name in names]
        print(
            "usage: handloom train JOB DATA [options]\n\n"
            + "\n".join(lines)
            + "\n\n'handloom train JOB --help' lists the options of a job"
        )
        return 0
    if not argv or argv[0].startswith("-"):
        raise UserError(
            f"'handloom train' needs a job first, one of {', '.join(names)}: "
            "'handloom train JOB --help' lists its options"
        )
    from handloom.cli.parser import parse

    job = find_job(argv[0])
    about = f"{job.summary[0].upper()}{job.summary[1:]}."
    given = parse(_flags(job), argv[1:], f"handloom train {job.name}", about)
    data, out, start, as_json = (given.pop(name) for name in ("data", "out", "from_run", "json"))
    count, vary = given.pop("repeats"), given.pop("vary")
    if count is None and vary != "seed":
        raise UserError(f"--vary {vary}: says what differs in repeated runs; give --repeats too")
    from handloom.jobs.training import lifecycle

    options = {name: value for name, value in given.items() if value is not None}
    named = "\n".join(data) if job.several else data
    if count is not None:
        from handloom.jobs.training.repeats import repeat

        repeated = repeat(job.name, named, options, count, progress(), out, start, vary)
        return all_finished(repeated, as_json)
    directory = lifecycle.train(job.name, named, options, progress(), out, start)
    return finished(directory.path, as_json)


def _flags(job: "Job") -> "list[Flag]":
    from handloom.cli.parser import config_flags, flag, positional

    return [
        positional("data", list[str], "a name, files or folders")
        if job.several
        else positional("data", str, "a name, a folder or a table"),
        flag("out", Path | None, "run directory to make; by default runs/JOB-DATA-N"),
        flag("from_run", Path | None, "start from the weights of another run", label="from"),
        flag("repeats", int | None, "trainings, with seeds from --seed on; mean and spread"),
        flag("vary", Vary, "what differs in --repeats: the training's seed, or the split", "seed"),
        *config_flags(job.config),
        json_flag(),
    ]


def resume(argv: list[str]) -> int:
    """`handloom resume RUN`."""
    from handloom.cli.parser import flag, parse

    flags = [
        run_argument(),
        flag("epochs", int | None, "new total; the added epochs are a new cycle of the schedule"),
        flag(
            "data",
            list[str],
            "where the run's data are now, if they were moved; of several files once for each",
            [],
        ),
        json_flag(),
    ]
    given = parse(
        flags, argv, "handloom resume", "Go on after Ctrl-C, after a crash, or with more epochs."
    )
    from handloom.jobs.training import lifecycle, repeats

    data = "\n".join(given["data"]) or None
    if RepeatsDirectory.is_at(given["run"]):
        if given["epochs"] is not None:
            raise UserError(
                f"--epochs {given['epochs']}: {given['run']} holds repeated runs, whose plan is "
                f"fixed; leave it out, or resume one of them, such as {given['run'] / '1'}"
            )
        return all_finished(repeats.resume(given["run"], progress(), data), given["json"])
    directory = lifecycle.resume(given["run"], progress(), given["epochs"], data)
    return finished(directory.path, given["json"])


def finished(path: Path, as_json: bool) -> int:
    """After training: print the evaluation of the saved weights and the next command."""
    import handloom

    run = handloom.open(path)
    if not run.finished:
        progress().message(f"saved; go on with: handloom resume {path}")
        return 130
    evaluation = run.evaluation
    if as_json:
        print_json([{"run": str(path), **(evaluation or {})}])
        return 0
    screen = results()
    if evaluation is not None:
        screen.message(run.describe(evaluation))
    if (path / "report.html").exists():
        screen.message(f"report: {path / 'report.html'}")
    words = run.job.next_words(str(path), run.config["data"])
    screen.message(f"next: handloom {shlex.join(words)}")
    return 0


def all_finished(directory: RepeatsDirectory, as_json: bool) -> int:
    """After repeated trainings: print a line for each, with mean and spread."""
    plan = directory.plan()
    if "summary" not in plan:
        progress().message(f"saved; go on with: handloom resume {directory.path}")
        return 130
    if as_json:
        print_json([{"run": str(directory.path), "job": plan["job"]} | plan["summary"]])
        return 0
    from handloom.display.repeats import show_repeats
    from handloom.jobs import find_job

    show_repeats(results(), plan["summary"], find_job(plan["job"]).metrics)
    return 0
