"""Look at data, and at what Handloom can do."""

from pathlib import Path

from handloom.cli.commands.shared import console, json_flag, print_json


def show(argv: list[str]) -> int:
    """`handloom show DATA`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("data", str, "a name, a folder, a table"),
        flag("out", Path | None, "write a contact sheet"),
        flag("size", int | None, "side of an image in the sheet, pixels"),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom show", "What is in a set, and what is broken.")
    from handloom import display
    from handloom.data.show import show

    found = show(given["data"], given["out"], given["size"])
    if given["json"]:
        print_json([found])
    else:
        display.show_data(console(stdout=True), found, given["out"])
    return 0


def demo(argv: list[str]) -> int:
    """`handloom demo`."""
    from handloom.cli.parser import parse

    parse([], argv, "handloom demo", "Train on bundled data and show the result.")
    from handloom.cli.demo import run_demos

    run_demos(console(stdout=True))
    return 0
