"""What goes into a code and comes out of it: encode, reconstruct, interpolate."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.cli.commands.saving import FORMATS, check_out, save, save_image
from handloom.cli.commands.shared import console, json_flag, print_json, run_argument, write_rows
from handloom.errors import UserError
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.api import DrawingRun, Run
    from handloom.cli.parser import Flag
    from handloom.jobs.generation.verbs import Encoded

MOST_SHOWN = 256  # pairs in one image
STRIP = 9  # steps of a walk that is shown in one image
FRAMES = 24  # of each leg of an animation


def encode(argv: list[str]) -> int:
    """`handloom encode RUN INPUT...`."""
    from handloom.cli.parser import flag, parse

    flags = [
        run_argument(),
        _images(),
        flag("out", Path | None, "write a CSV table: input, z1, z2, ..., label where known"),
        _class(),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom encode", "Codes of images.")
    run = _opened(given["run"], "encode")
    check_out(given["out"], ".csv")
    found = run.encode(given["input"], given["label"])
    if given["out"] is not None:
        write_rows(given["out"], _rows(found))
    if given["json"]:
        print_json(_coded(found))
    elif given["out"] is not None:
        print(
            f"{given['out']}: {pluralize(len(found.names), 'code')} of "
            f"{pluralize(found.latent.shape[1], 'number')}"
        )
    else:
        _show_codes(_coded(found))
    return 0


def reconstruct(argv: list[str]) -> int:
    """`handloom reconstruct RUN INPUT...`."""
    from handloom.cli.parser import flag, parse

    flags = [
        run_argument(),
        _images(),
        flag("out", Path | None, "the image to write, originals above reconstructions"),
        _class(),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom reconstruct", "Images after their code.")
    run = _opened(given["run"], "reconstruct")
    check_out(given["out"], *FORMATS)
    found = run.reconstruct(given["input"], given["label"])
    from handloom.data.images.grid import pairs

    shown = pairs(found.original[:MOST_SHOWN], found.pixels[:MOST_SHOWN])
    out = save_image(run.path, "pairs", given["out"], shown)
    records = [
        {"input": name, "error": round(error, 6)}
        for name, error in zip(found.names, found.error.tolist(), strict=True)
    ]
    if given["json"]:
        print_json(records)
        return 0
    _show_errors(records)
    first = f" (the first {MOST_SHOWN})" if len(records) > MOST_SHOWN else ""
    print(f"{out}: originals above their reconstructions{first}")
    return 0


def interpolate(argv: list[str]) -> int:
    """`handloom interpolate RUN A B`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        run_argument(),
        positional("ends", list[str], "two or more images; of a gan, seeds"),
        flag("out", Path | None, "a .gif, or a .png with the steps side by side"),
        flag("frames", int | None, f"steps of each leg; {FRAMES} by default, {STRIP} in an image"),
        _class(),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom interpolate", "Walk from an image to another.")
    run = _opened(given["run"], "interpolate")
    out = given["out"] or run.path / "samples" / "morph.gif"
    if given["out"] is not None:
        check_out(out, ".gif", *FORMATS)
    is_still = out.suffix.lower() != ".gif"
    frames = given["frames"] if given["frames"] is not None else STRIP if is_still else FRAMES
    walked = run.interpolate(given["ends"], frames, given["label"])
    if is_still:
        from handloom.data.images.grid import grid

        save_image(run.path, "morph", out, grid(walked, frames + 1))
    else:
        from handloom.data.images.animation import gif

        save(out, gif(walked, back=True))
    if given["json"]:
        print_json([{"out": str(out), "frames": len(walked), "size": list(walked.shape[1:3])}])
    else:
        print(f"{out}: {len(walked)} images from {' to '.join(given['ends'])}")
    return 0


def _images() -> "Flag":
    from handloom.cli.parser import positional

    return positional("input", list[str], "images, folders, tables, named sets")


def _class() -> "Flag":
    from handloom.cli.parser import flag

    return flag("label", str | None, "the class, of a conditional run", spelled="class")


def _opened(path: Path, verb: str) -> "DrawingRun":
    """The run, if its job can do this."""
    import handloom
    from handloom.jobs.verbs import find

    run: Run = handloom.open(path)
    find(run.config["job"], verb)
    if not isinstance(run, handloom.DrawingRun):
        raise UserError(f"{path} draws no images")
    return run


def _coded(found: "Encoded") -> list[dict[str, Any]]:
    """{"input", "code"}, and "label" where it is known."""
    return [
        {"input": name, "code": [round(number, 6) for number in code]}
        | ({} if label is None else {"label": label})
        for name, code, label in zip(
            found.names, found.latent.tolist(), found.labels, strict=True
        )
    ]  # fmt: skip


def _rows(found: "Encoded") -> list[dict[str, Any]]:
    return [
        {"input": record["input"]}
        | {f"z{i}": number for i, number in enumerate(record["code"], 1)}
        | ({"label": record["label"]} if "label" in record else {})
        for record in _coded(found)
    ]


def _show_codes(records: list[dict[str, Any]], most: int = 20) -> None:
    """The first codes, of each the first numbers."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("input", overflow="fold")
    width = min(6, len(records[0]["code"]))
    for number in range(1, width + 1):
        table.add_column(f"z{number}", justify="right")
    table.add_column("", no_wrap=True)
    for record in records[:most]:
        numbers, more = record["code"], len(record["code"]) - width
        shown = [f"{number:.3f}" for number in numbers[:width]]
        table.add_row(record["input"], *shown, f"and {more} more" if more else "")
    screen = console(stdout=True)
    screen.print(table)
    if len(records) > most:
        screen.print(f"... and {len(records) - most:,} more: --json or --out c.csv has them all")


def _show_errors(records: list[dict[str, Any]], most: int = 20) -> None:
    """Mean squared errors of the first images, and their mean over all."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("input", overflow="fold")
    table.add_column("error", justify="right")
    for record in records[:most]:
        table.add_row(record["input"], f"{record['error']:.5f}")
    mean = sum(record["error"] for record in records) / len(records)
    table.add_row(f"mean of {len(records):,}", f"{mean:.5f}", style="bold")
    screen = console(stdout=True)
    screen.print(table)
    screen.print("error: mean squared difference of pixels between 0 and 1", highlight=False)
