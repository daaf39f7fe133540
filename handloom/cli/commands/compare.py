"""Encoders compared on a user's own images."""

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.cli.commands.search import DEVICE
from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.cli.parser import Flag
    from handloom.comparison.records import EncoderComparison

MOST_BROKEN = 10  # named; the page and --json have more


def compare_encoders(argv: list[str]) -> int:
    """`handloom compare-encoders DATA`."""
    from handloom.cli.parser import parse
    from handloom.jobs.images.data import ImageReadingOptions

    argv = ["--k" if word == "-k" else word for word in argv]
    about = "Measure which encoder suits a collection of images."
    given = parse(_flags(), argv, "handloom compare-encoders", about)
    from dataclasses import fields

    from handloom.api import compare_encoders

    as_json = given.pop("json")
    options = {each.name: given[each.name] for each in fields(ImageReadingOptions)}
    comparison = compare_encoders(
        given["data"], encoders=given["encoder"], weights=given["weights"],
        minutes=given["minutes"], images=given["images"], k=given["k"], out=given["out"],
        device=given["device"], **options,
    )  # fmt: skip
    _show_left_out(comparison, given["strict"])
    if as_json:
        print_json(comparison.records())
    else:
        _show(comparison)
    if not comparison.is_whole:
        progress().message(
            f"interrupted; --out {comparison.place} goes on with what has been measured"
        )
    return 0 if comparison.is_whole else 130


def _flags() -> "list[Flag]":
    from handloom.cli.parser import config_flags, flag, positional
    from handloom.jobs.images.data import ImageReadingOptions

    return [
        positional("data", str, "a folder of images, or a table of them"),
        flag("encoder", list[str], "a further encoder, or a run", []),
        flag(
            "weights",
            list[str],
            "weights of each --encoder, in order; by default the published ones",
            [],
        ),
        flag("minutes", float, "time for everything; what is left goes to training", 10.0),
        flag("images", int, "measure at most this many images", 2_000),
        flag("k", int, "nearest neighbours to look at", 5),
        flag("out", Path | None, "folder of the page; by default runs/compare-encoders-DATA-N"),
        *config_flags(ImageReadingOptions),
        flag("device", str, DEVICE, "auto"),
        json_flag(),
    ]


def _show_left_out(comparison: "EncoderComparison", is_strict: bool) -> None:
    screen, broken = progress(), comparison.collection.broken
    for note in comparison.collection.notes:
        screen.note(note)
    for path, reason in broken[:MOST_BROKEN]:
        screen.message(f"left out: {path} ({reason})", "red")
    if broken:
        screen.message(f"{pluralize(len(broken), 'broken image')} left out", "red")
    if broken and is_strict:
        path, reason = broken[0]
        raise UserError(f"'{path}' cannot be read ({reason}): repair it, or leave out --strict")


def _show(comparison: "EncoderComparison") -> None:
    from handloom.comparison.page import figures

    task, screen = comparison.task, results()
    if not task.is_labelled:
        progress().note(
            f"{task.reason}, so distorted views of {len(task.queries):,} images are the queries, "
            "each of which should find its own image"
        )
    rows = figures(comparison) if comparison.measured else []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *cells in rows:  # whole names, to be copied
        padded = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        screen.message("  ".join([first.ljust(widths[0]), *padded]).rstrip())
    for each in comparison.measured:
        if each.flattered is not None:
            screen.message(f"(!) {each.name}: {each.flattered}, so it is not recommended")
    for sentence in comparison.verdict.sentences:
        screen.message(sentence)
    screen.message(f"report: {comparison.report}")
