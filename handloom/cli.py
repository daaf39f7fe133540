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
  handloom predict RUN INPUT...          labels and probabilities of pictures, folders, tables
  handloom stylize PHOTO PAINTING... --out OUT      paint a photo like a painting
  handloom show DATA [--out grid.png]    what is in it, what is broken, a contact sheet
  handloom runs [DIR]                    all runs in a table
  handloom demo                          train on bundled data and show the result

JOB   {jobs}
DATA  digits (bundled), mnist, fashion-mnist, cifar10, ..., a folder with one subfolder per class,
      a table (image,label) in CSV or Parquet, or a folder of IDX files
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
    from handloom.runs import RunDirectory

    if RunDirectory.open(given["run"]).config()["job"] == "stylize":
        return _resume_painting(given)
    return _finished(training.resume(given["run"], _console(), given["epochs"]).path, given["json"])


def _resume_painting(given: dict[str, Any]) -> int:
    from handloom import stylizing

    if given["epochs"] is not None:
        raise UserError("a painting has no epochs: paint anew with other --iterations")
    return _painted(stylizing.resume(given["run"], _console()).path, given["json"])


def _stylize(argv: list[str]) -> int:
    from handloom.flags import config_flags, flag, parse, positional
    from handloom.recipes.stylize import Config

    flags = [
        positional("photo", Path, "the picture to paint"),
        positional("style", list[Path], "one or more paintings"),
        flag("out", Path | None, "where the result goes: a .jpg, .png, .webp or .tif"),
        flag("run", Path | None, "the run directory to make; runs/stylize-PHOTO-N by default"),
        flag("frames", Path | None, "also an animation of how it was painted, .gif or .mp4"),
        *config_flags(Config),
        _json_flag(),
    ]
    given = parse(flags, argv, "handloom stylize", "Paint a photo like a painting.")
    own = [given.pop(name) for name in ("photo", "style", "out", "run", "frames", "json")]
    photo, styles, out, run, frames, as_json = own
    if out is None:
        raise UserError("say where the result goes, as in --out painted.jpg")
    from handloom import stylizing

    options = {name: value for name, value in given.items() if value is not None}
    directory = stylizing.stylize(photo, styles, out, options, _console(), run, frames)
    return _painted(directory.path, as_json)


def _painted(path: Path, as_json: bool) -> int:
    """After painting: where it is, what painted it, and how long it took."""
    from handloom.runs import RunDirectory

    run = RunDirectory.open(path)
    found, status = run.config(), run.status()
    if status["status"] != "finished":
        _console().print(
            f"saved; go on with: handloom resume {path}", highlight=False, soft_wrap=True
        )
        return 130
    record = {"run": str(path), "out": found["out"], "network": found["network"]["name"]}
    record |= {"seconds": status["seconds"]} | {
        k.removeprefix("train/"): v
        for k, v in run.metrics()[-1].items()
        if k.startswith("train/")
    }
    if as_json:
        _print_json([record])
    else:
        print(
            f"{record['out']}: painted by {found['network']['title']} in "
            f"{record['seconds']:.0f} s, content {record['content']:.3g}, "
            f"style {record['style']:.3g}"
        )
        print(f"next: open {path / 'report.html'}")
    return 0


def _finished(path: Path, as_json: bool) -> int:
    """After training: how good the best epoch is on what it was not trained on, and what next."""
    import handloom

    run = handloom.open(path)
    if not run.finished:
        _console().print(
            f"saved; go on with: handloom resume {path}", highlight=False, soft_wrap=True
        )
        return 130
    found = run.evaluate(keep=True)
    if as_json:
        _print_json([{"run": str(path)} | found])
    else:
        print(run.sentence(found))
        print(f"next: handloom predict {path} PICTURE")
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
        positional("input", list[str], "pictures, folders, tables"),
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
    from handloom.demo import demo

    return demo(_console(stdout=True))


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
    "stylize": _stylize,
    "show": _show,
    "runs": _runs,
    "demo": _demo,
}
