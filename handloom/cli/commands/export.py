"""The networks of a run, or an encoder, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.cli.commands.shared import json_flag, print_json, progress, results

if TYPE_CHECKING:
    from handloom.export.results import Exported


def export(argv: list[str]) -> int:
    """`handloom export RUN [--format onnx|pt2] [--out FILE]`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("run", str, "a run directory, or an encoder such as timm:NAME"),
        flag("format", str | None, "onnx or pt2; by default that of --out, else onnx"),
        flag("out", Path | None, "file to write, by default PART.onnx in the run's folder export"),
        flag("part", str | None, "one of its networks, such as encoder"),
        flag("weights", Path | None, "file with the weights of an encoder"),
        json_flag(),
    ]
    about = "Write the networks of a run as files for other programs, each checked against the run."
    given = parse(flags, argv, "handloom export", about)
    from handloom.export.write import export as exported

    screen = progress()
    made = exported(
        given["run"], given["format"], given["out"], given["part"], given["weights"], screen.message
    )
    if given["json"]:
        print_json(map(_record, made))
        return 0
    for each in made:
        size = _megabytes(each.path.stat().st_size)
        results().message(f"{each.path}: {size}; {each.agreement.sentence()}")
    results().message(f"{made[0].card}: the model card")
    return 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"


def _record(made: Exported) -> dict[str, Any]:
    return {
        "file": str(made.path),
        "part": made.part,
        "format": made.format,
        "card": str(made.card),
        **made.agreement._asdict(),
    }
