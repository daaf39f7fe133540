"""Train, and resume training."""

from pathlib import Path

from handloom.cli.commands.shared import json_flag, print_json, progress, results, run_argument
from handloom.errors import UserError


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
    from handloom.cli.parser import config_flags, flag, parse, positional

    job = find_job(argv[0])
    flags = [
        positional("data", list[str], "a name, files or folders")
        if job.several
        else positional("data", str, "a name, a folder or a table"),
        flag("out", Path | None, "run directory to make; by default runs/JOB-DATA-N"),
        flag("from_run", Path | None, "start from the weights of another run", label="from"),
        *config_flags(job.config),
        json_flag(),
    ]
    about = f"{job.summary[0].upper()}{job.summary[1:]}."
    given = parse(flags, argv[1:], f"handloom train {job.name}", about)
    data, out, start, as_json = (given.pop(name) for name in ("data", "out", "from_run", "json"))
    from handloom.jobs import training

    options = {name: value for name, value in given.items() if value is not None}
    named = "\n".join(data) if job.several else data
    directory = training.train(job.name, named, options, progress(), out, start)
    return finished(directory.path, as_json)


def resume(argv: list[str]) -> int:
    """`handloom resume RUN`."""
    from handloom.cli.parser import flag, parse

    flags = [
        run_argument(),
        flag("epochs", int | None, "new total; the added epochs are a new cycle of the schedule"),
        flag("data", str | None, "where the run's data are now, if they were moved"),
        json_flag(),
    ]
    given = parse(
        flags, argv, "handloom resume", "Go on after Ctrl-C, after a crash, or with more epochs."
    )
    from handloom.jobs import training

    directory = training.resume(given["run"], progress(), given["epochs"], given["data"])
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
        print_json([{"run": str(path)} | (evaluation or {})])
        return 0
    screen = results()
    if evaluation is not None:
        screen.message(run.describe(evaluation))
    screen.message(f"next: handloom {run.job.next_step.format(run=path)}")
    return 0
