"""What finished runs are worth, and what they say of new input."""

from pathlib import Path

from handloom.cli.commands.shared import (
    json_flag,
    print_json,
    results,
    run_argument,
    verb_flags,
    write_rows,
)


def evaluate(argv: list[str]) -> int:
    """`handloom evaluate RUN [DATA]`."""
    from handloom.cli.parser import parse, positional

    flags = [
        run_argument(),
        positional("data", str | None, "other data than its own test split", None),
        *verb_flags("evaluate", argv),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom evaluate", "Metrics of a finished run.")
    import handloom
    from handloom.display.tables import classes

    path, data, as_json = given.pop("run"), given.pop("data"), given.pop("json")
    run = handloom.open(path)
    evaluation = run.call("evaluate", data, **given)
    if as_json:
        print_json([evaluation])
        return 0
    screen = results()
    screen.message(run.describe(evaluation))
    if "classes" in evaluation:
        screen.print(classes(evaluation["classes"]))
    return 0


def predict(argv: list[str]) -> int:
    """`handloom predict RUN INPUT...`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        run_argument(),
        positional("input", list[str], "images, folders, tables; texts, or - for one a line"),
        *verb_flags("predict", argv),
        flag("out", Path | None, "also write a CSV table"),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom predict", "Labels and probabilities.")
    import handloom
    from handloom.display.tables import show_predictions

    path, inputs = given.pop("run"), given.pop("input")
    out, as_json = given.pop("out"), given.pop("json")
    records = list(handloom.open(path).call("predict", inputs, **given))
    if out is not None:
        write_rows(
            out,
            [
                {key: value for key, value in record.items() if key != "probabilities"}
                | record["probabilities"]
                for record in records
            ],
        )
    if as_json:
        print_json(records)
    else:
        show_predictions(results(), records)
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
        results().message(str(path))
    return 0
