"""Look at data and at runs."""

from pathlib import Path

from handloom.cli.commands.shared import json_flag, print_json, results
from handloom.errors import UserError


def show(argv: list[str]) -> int:
    """`handloom show DATA`."""
    from handloom.cli.parser import config_flags, flag, parse, positional
    from handloom.jobs.images.data import ImageReadingOptions, reading_of

    flags = [
        positional("data", str, "a name, a folder or a table"),
        flag("out", Path | None, "contact sheet to write"),
        flag("size", int | None, "side of an image in the sheet, in pixels"),
        *config_flags(ImageReadingOptions),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom show", "What a data set holds, and what is broken in it.")
    from handloom.data.show import show
    from handloom.display.data import show_data

    contents = show(given["data"], given["out"], given["size"], reading_of(given), given["strict"])
    if given["json"]:
        print_json([contents])
    else:
        show_data(results(), contents, given["out"])
    return 0


def runs(argv: list[str]) -> int:
    """`handloom runs [DIR]`."""
    from handloom.cli.parser import parse, positional

    flags = [
        positional("folder", Path, "folder to look in; by default runs", Path("runs")),
        json_flag(),
    ]
    given = parse(
        flags,
        argv,
        "handloom runs",
        "All runs, with data, metrics, minutes and the options in which they differ.",
    )
    from handloom.runs.overview import overview

    folder = given["folder"]
    records = overview(folder)
    if not records:
        raise UserError(f"there is no run below {folder}: 'handloom train' makes one")
    if given["json"]:
        print_json(records)
        return 0
    from handloom.display.runs import show_runs
    from handloom.jobs import JOBS, find_job

    columns = {name: show for job in JOBS for name, show in find_job(job).metrics.items()}
    show_runs(results(), records, folder, columns)
    return 0
