"""Look at data, and at what Handloom can do."""

from pathlib import Path

from handloom.commands.shared import console, json_flag, print_json


def show(argv: list[str]) -> int:
    """`handloom show DATA`."""
    from handloom.flags import flag, parse, positional

    flags = [
        positional("data", str, "a name, a folder, a table"),
        flag("out", Path | None, "write a contact sheet"),
        flag("size", int | None, "side of a picture in the sheet, pixels"),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom show", "What is in a set, and what is broken.")
    from handloom import screen
    from handloom.data.show import show

    found = show(given["data"], given["out"], given["size"])
    if given["json"]:
        print_json([found])
    else:
        screen.show_data(console(stdout=True), found, given["out"])
    return 0


def demo(argv: list[str]) -> int:
    """`handloom demo`."""
    from handloom.flags import parse

    parse([], argv, "handloom demo", "Train on bundled data and show the result.")
    from handloom.demos import run_demos

    run_demos(console(stdout=True))
    return 0
