"""Train, and go on."""

from pathlib import Path

from handloom.cli.commands.shared import console, json_flag, print_json, run_argument
from handloom.errors import UserError

NEXT = {
    "classifier": "predict {run} IMAGE",
    "text-classifier": "predict {run} 'some text'",
    "autoencoder": "sample {run} --out grid.png",
    "vae": "sample {run} --out grid.png",
    "gan": "sample {run} --out grid.png",
    "char-rnn": "sample {run} --length 400",
}


def train(argv: list[str]) -> int:
    """`handloom train JOB DATA`."""
    from handloom.jobs import RECIPES, recipe

    if argv[:1] in (["-h"], ["--help"]):
        print(
            f"usage: handloom train JOB DATA [options], with JOB one of {', '.join(RECIPES)}\n"
            "'handloom train JOB --help' lists the options of a job"
        )
        return 0
    if not argv or argv[0].startswith("-"):
        raise UserError(
            f"'handloom train' needs a job first, one of {', '.join(RECIPES)}: "
            "'handloom train JOB --help' lists its options"
        )
    from handloom.cli.parser import config_flags, flag, parse, positional

    module = recipe(argv[0])
    flags = [
        positional("data", str, "a name, a folder, a table"),
        flag("out", Path | None, "the run directory to make; runs/JOB-DATA-N by default"),
        flag("from_run", Path | None, "start from the weights of another run", spelled="from"),
        *config_flags(module.Config),
        json_flag(),
    ]
    given = parse(flags, argv[1:], f"handloom train {argv[0]}", module.__doc__ or "")
    data, out, start, as_json = (given.pop(name) for name in ("data", "out", "from_run", "json"))
    from handloom.jobs import training

    options = {name: value for name, value in given.items() if value is not None}
    return finished(training.train(argv[0], data, options, console(), out, start).path, as_json)


def resume(argv: list[str]) -> int:
    """`handloom resume RUN`."""
    from handloom.cli.parser import flag, parse

    flags = [run_argument(), flag("epochs", int | None, "a new total of epochs"), json_flag()]
    given = parse(flags, argv, "handloom resume", "Go on after Ctrl-C, a crash or the end.")
    from handloom.jobs import training
    from handloom.runs.directory import RunDirectory

    if RunDirectory.open(given["run"]).config()["job"] == "stylize":
        from handloom.cli.commands.paint import resume_painting

        return resume_painting(given)
    return finished(training.resume(given["run"], console(), given["epochs"]).path, given["json"])


def finished(path: Path, as_json: bool) -> int:
    """After training: how good the best epoch is on what it was not trained on, and what next."""
    import handloom

    run = handloom.open(path)
    if not run.finished:
        console().print(
            f"saved; go on with: handloom resume {path}", highlight=False, soft_wrap=True
        )
        return 130
    found = run.evaluation
    if as_json:
        print_json([{"run": str(path)} | (found or {})])
        return 0
    if found is not None:
        print(run.sentence(found))
    print(f"next: handloom {NEXT[run.config['job']].format(run=path)}")
    return 0
