"""The command line: verbs, and nothing else."""

import csv
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

HELP = """\
handloom: a folder of images or a file of text becomes a working neural network

  handloom train JOB DATA [--out RUN] [--from RUN] [--epochs N | --minutes M] [--option value ...]
  handloom resume RUN [--epochs N]       go on after Ctrl-C, a crash or the end
  handloom evaluate RUN [DATA]           metrics on the test split, or on other data
  handloom predict RUN INPUT...          labels and probabilities: pictures, folders, tables, texts
  handloom sample RUN [--prefix TEXT]    write text with a char-rnn
  handloom report RUN                    make report.html: what a person wants to look at
  handloom show DATA [--out grid.png]    what is in it, what is broken, a contact sheet
  handloom runs [DIR]                    all runs in a table
  handloom demo                          train on bundled data and show the result

JOB   {jobs}
DATA  digits (bundled), mnist, fashion-mnist, cifar10, ..., a folder with one subfolder per class,
      a table (image,label or text,target) in CSV or Parquet, a folder of IDX files, a file of
      text, or pydoc (bundled)
'handloom VERB --help' and 'handloom train JOB --help' list the options. --json prints one object
a line instead of tables.
"""


def main(argv: list[str] | None = None) -> int:
    """Run one verb; 0 when it worked, 2 for what a user can mend, 130 when interrupted."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        from handloom.recipes import RECIPES

        print(HELP.format(jobs=", ".join(RECIPES)), end="")
        return 0
    if arguments[0] in ("--version", "version"):
        import handloom

        print(handloom.__version__)
        return 0
    try:
        if arguments[0] not in VERBS:
            raise UserError(f"there is no verb '{arguments[0]}': choose one of {', '.join(VERBS)}")
        return VERBS[arguments[0]](arguments[1:])
    except UserError as error:
        print(f"handloom: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("handloom: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 0


def _train(argv: list[str]) -> int:
    from handloom.recipes import RECIPES, recipe

    if not argv or argv[0].startswith("-"):
        print(f"usage: handloom train JOB DATA [options], with JOB one of {', '.join(RECIPES)}")
        return 0 if argv and argv[0] in ("-h", "--help") else 2
    from handloom.flags import config_flags, flag, parse, positional

    module = recipe(argv[0])
    flags = [
        positional("data", str, "a name, a folder, a table"),
        flag("out", Path | None, "the run directory to make; runs/JOB-DATA-N by default"),
        flag("from_run", Path | None, "start from the weights of another run", spelled="from"),
        *config_flags(module.Config),
        _json_flag(),
    ]
    given = parse(flags, argv[1:], f"handloom train {argv[0]}", module.__doc__ or "")
    data, out, start, as_json = (given.pop(name) for name in ("data", "out", "from_run", "json"))
    from handloom import training

    options = {name: value for name, value in given.items() if value is not None}
    return _finished(training.train(argv[0], data, options, _console(), out, start).path, as_json)


def _resume(argv: list[str]) -> int:
    from handloom.flags import flag, parse

    flags = [_run_argument(), flag("epochs", int | None, "a new total of epochs"), _json_flag()]
    given = parse(flags, argv, "handloom resume", "Go on after Ctrl-C, a crash or the end.")
    from handloom import training

    return _finished(training.resume(given["run"], _console(), given["epochs"]).path, given["json"])


def _finished(path: Path, as_json: bool) -> int:
    """After training: how good the best epoch is on what it was not trained on, and what next."""
    import handloom

    run = handloom.open(path)
    if not run.finished:
        _console().print(
            f"saved; go on with: handloom resume {path}", highlight=False, soft_wrap=True
        )
        return 130
    found = run.evaluation
    if as_json:
        _print_json([{"run": str(path)} | (found or {})])
        return 0
    if found is not None:
        print(run.sentence(found))
    print(f"next: handloom {NEXT[run.config['job']].format(run=path)}")
    return 0


def _evaluate(argv: list[str]) -> int:
    from handloom.flags import parse, positional

    flags = [
        _run_argument(),
        positional("data", str | None, "other data than its own test split", None),
        _json_flag(),
    ]
    given = parse(flags, argv, "handloom evaluate", "Metrics of a finished run.")
    import handloom
    from handloom import screen

    run = handloom.open(given["run"])
    found = run.evaluate(given["data"])
    if given["json"]:
        _print_json([found])
    else:
        print(run.sentence(found))
        if "classes" in found:
            _console(stdout=True).print(screen.classes(found["classes"]))
    return 0


def _predict(argv: list[str]) -> int:
    from handloom.flags import flag, parse, positional

    flags = [
        _run_argument(),
        positional("input", list[str], "pictures, folders, tables; texts, or - for one a line"),
        flag("out", Path | None, "also write a CSV table"),
        _json_flag(),
    ]
    given = parse(flags, argv, "handloom predict", "Labels and probabilities.")
    import handloom
    from handloom import screen

    records = handloom.open(given["run"]).predict(given["input"])
    if given["out"] is not None:
        _write_table(given["out"], records)
    if given["json"]:
        _print_json(records)
    else:
        screen.show_predictions(_console(stdout=True), records)
    return 0


def _sample(argv: list[str]) -> int:
    from handloom.flags import flag, parse

    flags = [
        _run_argument(),
        flag("prefix", str, "what the text begins with", ""),
        flag("length", int, "characters to write", 200),
        flag("count", int, "texts to write", 1),
        flag("temperature", float, "0 is greedy, 1 the model's own distribution", 0.8),
        flag("top_k", int | None, "choose among the k likeliest characters only"),
        flag("top_p", float | None, "choose among the likeliest that together reach p"),
        flag("seed", int, "same seed, same text", 0),
        _json_flag(),
    ]
    given = parse(flags, argv, "handloom sample", "Write text with a char-rnn run.")
    import handloom

    run, as_json = handloom.open(given.pop("run")), given.pop("json")
    if as_json:
        _print_json({"text": text} for text in run.sample(**given))
        return 0
    shown = -1
    for number, character in run.stream(**given):
        if number != shown:
            lead = "" if shown < 0 else "\n\n"
            print(f"{lead}{given['prefix']}", end="", flush=True)
            shown = number
        print(character, end="", flush=sys.stdout.isatty())
    print()
    return 0


def _report(argv: list[str]) -> int:
    from handloom.flags import parse

    given = parse([_run_argument()], argv, "handloom report", "Make report.html from a run.")
    import handloom

    print(handloom.open(given["run"]).report())
    return 0


def _runs(argv: list[str]) -> int:
    from handloom.flags import parse, positional

    flags = [positional("folder", Path, "where to look for runs", Path("runs")), _json_flag()]
    given = parse(
        flags, argv, "handloom runs", "All runs: data, metrics, minutes, options that differ."
    )
    from handloom.overview import overview

    found = overview(given["folder"])
    if not found:
        raise UserError(f"there is no run below {given['folder']}: 'handloom train' makes one")
    if given["json"]:
        _print_json(found)
    else:
        from handloom import screen

        _console(stdout=True).print(screen.runs(found))
    return 0


def _show(argv: list[str]) -> int:
    from handloom.flags import flag, parse, positional

    flags = [
        positional("data", str, "a name, a folder, a table"),
        flag("out", Path | None, "write a contact sheet"),
        flag("size", int | None, "side of a picture in the sheet, pixels"),
        _json_flag(),
    ]
    given = parse(flags, argv, "handloom show", "What is in a set, and what is broken.")
    from handloom import screen
    from handloom.data.show import show

    found = show(given["data"], given["out"], given["size"])
    if given["json"]:
        _print_json([found])
    else:
        screen.show_data(_console(stdout=True), found, given["out"])
    return 0


def _demo(argv: list[str]) -> int:
    from handloom.flags import parse

    parse([], argv, "handloom demo", "Train on bundled data and show the result.")
    from handloom.demos import run_demos

    run_demos(_console(stdout=True))
    return 0


def _run_argument() -> Any:
    from handloom.flags import positional

    return positional("run", Path, "a run directory")


def _json_flag() -> Any:
    from handloom.flags import flag

    return flag("json", bool, "one JSON object a line", False)


def _console(stdout: bool = False) -> "Console":
    """Results go to standard output, everything else to standard error."""
    from rich.console import Console

    return Console(stderr=not stdout)


def _print_json(records: Iterable[dict[str, Any]]) -> None:
    for record in records:
        print(json.dumps(record, ensure_ascii=False))


def _write_table(path: Path, records: list[dict[str, Any]]) -> None:
    """A CSV table of predictions: one row an input, one column a class."""
    from handloom.runs import full_disk

    rows = [
        {k: v for k, v in record.items() if k != "probabilities"} | record["probabilities"]
        for record in records
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with full_disk(path), open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


VERBS: dict[str, Callable[[list[str]], int]] = {
    "train": _train,
    "resume": _resume,
    "evaluate": _evaluate,
    "predict": _predict,
    "sample": _sample,
    "report": _report,
    "show": _show,
    "runs": _runs,
    "demo": _demo,
}

NEXT = {
    "classifier": "predict {run} PICTURE",
    "text-classifier": "predict {run} 'some text'",
    "char-rnn": "sample {run} --length 400",
}
