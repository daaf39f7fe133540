"""What finished runs are worth, and what they say of new input."""

from pathlib import Path

from handloom.cli.commands.shared import console, json_flag, print_json, run_argument, write_table
from handloom.errors import UserError


def evaluate(argv: list[str]) -> int:
    """`handloom evaluate RUN [DATA]`."""
    from handloom.cli.parser import parse, positional

    flags = [
        run_argument(),
        positional("data", str | None, "other data than its own test split", None),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom evaluate", "Metrics of a finished run.")
    import handloom
    from handloom import display

    run = handloom.open(given["run"])
    found = run.evaluate(given["data"])
    if given["json"]:
        print_json([found])
    else:
        print(run.sentence(found))
        if "classes" in found:
            console(stdout=True).print(display.classes(found["classes"]))
    return 0


def predict(argv: list[str]) -> int:
    """`handloom predict RUN INPUT...`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        run_argument(),
        positional("input", list[str], "images, folders, tables; texts, or - for one a line"),
        flag("out", Path | None, "also write a CSV table"),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom predict", "Labels and probabilities.")
    import handloom
    from handloom import display

    records = handloom.open(given["run"]).predict(given["input"])
    if given["out"] is not None:
        write_table(given["out"], records)
    if given["json"]:
        print_json(records)
    else:
        display.show_predictions(console(stdout=True), records)
    return 0


def report(argv: list[str]) -> int:
    """`handloom report RUN`."""
    from handloom.cli.parser import parse

    flags = [run_argument(), json_flag()]
    given = parse(flags, argv, "handloom report", "Make report.html from a run.")
    import handloom

    path = handloom.open(given["run"]).report()
    if given["json"]:
        print_json([{"run": str(given["run"]), "report": str(path)}])
    else:
        print(path)
    return 0


def runs(argv: list[str]) -> int:
    """`handloom runs [DIR]`."""
    from handloom.cli.parser import parse, positional

    flags = [positional("folder", Path, "where to look for runs", Path("runs")), json_flag()]
    given = parse(
        flags, argv, "handloom runs", "All runs: data, metrics, minutes, options that differ."
    )
    from handloom.runs.overview import overview

    found = overview(given["folder"])
    if not found:
        raise UserError(f"there is no run below {given['folder']}: 'handloom train' makes one")
    if given["json"]:
        print_json(found)
    else:
        from handloom import display

        display.show_runs(console(stdout=True), found, given["folder"])
    return 0
