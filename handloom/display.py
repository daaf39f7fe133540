"""What a person reads in the terminal: tables and sentences, no computation."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from handloom.jobs.options import Built
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.models.summary import Layer

METRICS: dict[str, Callable[[float], str]] = {
    "accuracy": lambda share: f"{100 * share:.2f} %",
    "perplexity": lambda value: f"{value:.4g}",
    "bound": lambda nats: f"{nats:.2f} nats",
    "kid": lambda distance: f"{distance:.4f}",
}
"""Columns of `handloom runs`, for the runs that have them."""


def announce(console: Console, data: str, built: Built, path: Path) -> None:
    """Before training: what the data are, what the network is, where the run goes."""
    record, experiment = built.record, built.experiment
    counts: dict[str, int] = next(
        (record[k] for k in ("images", "texts", "characters") if k in record), {}
    )
    parts = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    classes = record.get("classes", [])
    about = f" in {pluralize(len(classes), 'class')}" if classes else ""
    console.print(f"{data}: {parts}{about}", highlight=False, soft_wrap=True)
    for note in built.notes:
        console.print(note, highlight=False, soft_wrap=True, style="yellow")
    if built.example is not None:
        from handloom.models.summary import layer_table

        for name, network in experiment.networks.items():
            console.print(layers(name, layer_table(network, built.example)))
    else:
        sizes = {k: sum(p.numel() for p in n.parameters()) for k, n in experiment.networks.items()}
        told = ", ".join(f"{size:,} of the {name}" for name, size in sizes.items() if size)
        console.print(f"parameters: {told}", highlight=False, soft_wrap=True)
    precision = experiment.precision
    console.print(
        f"{pluralize(experiment.epochs, 'epoch')} of "
        f"{pluralize(experiment.train.steps, 'step')} of {experiment.train.batch_size} "
        f"on {precision.device} in {precision.name}, into {path}",
        highlight=False,
        soft_wrap=True,
    )


def layers(name: str, found: "list[Layer]") -> Table:
    """Layers with output shape, parameters and receptive field in pixels."""
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    for heading in ("layer", "kind", "output", "parameters", "sees"):
        table.add_column(heading, justify="right" if heading in ("parameters", "sees") else "left")
    for layer in found:
        sees = f"{layer.receptive_field}px" if layer.receptive_field else ""
        shape = "x".join(str(side) for side in layer.shape)
        table.add_row(
            layer.name, layer.kind, shape, f"{layer.parameters:,}" if layer.parameters else "", sees
        )
    total = sum(layer.parameters for layer in found)
    cost = sum(layer.multiply_adds for layer in found)
    table.add_row(name, "", "", f"{total:,}", "", style="bold")
    table.caption = f"{_amount(cost)} multiply-adds an image"
    table.caption_justify = "left"
    return table


def _amount(count: int) -> str:
    """19,210 or 5.21 million or 1,310 million: three digits of large numbers."""
    if count < 1e6:
        return f"{count:,}"
    millions = count / 1e6
    digits = 2 if millions < 10 else 1 if millions < 100 else 0
    return f"{millions:,.{digits}f} million"


def classes(found: dict[str, dict[str, float]]) -> Table:
    """Accuracy of every class, the worst first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    unit = "texts" if any("texts" in of for of in found.values()) else "images"
    for heading, justify in (("class", "left"), (unit, "right"), ("accuracy", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for name, of in sorted(found.items(), key=lambda item: item[1]["accuracy"]):
        table.add_row(name, f"{of[unit]:,}", f"{100 * of['accuracy']:.1f} %")
    return table


def show_predictions(console: Console, records: list[dict[str, Any]], most: int = 20) -> None:
    """The first predictions, the actual class beside the predicted one where it is known."""
    labelled = any("actual" in record for record in records)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("input", "label", "probability", *(["actual"] if labelled else [])):
        table.add_column(heading, overflow="fold")
    for record in records[:most]:
        wrong = labelled and record.get("actual") != record["label"]
        row = [record["input"], record["label"], f"{100 * record['probability']:.1f} %"]
        actual = [record.get("actual", "")] if labelled else []
        table.add_row(*row, *actual, style="red" if wrong else None)
    console.print(table)
    if len(records) > most:
        console.print(f"... and {len(records) - most:,} more: --json or --out p.csv has them all")
    if labelled:
        right = sum(record.get("actual") == record["label"] for record in records)
        console.print(f"{right:,} of {len(records):,} right ({100 * right / len(records):.2f} %)")


def show_runs(console: Console, found: list[dict[str, Any]], folder: Path) -> None:
    """One line a run, and what it differs in below it; nothing is cut at any width."""
    columns = _run_columns(found, folder)
    widths = [max(map(cell_len, column)) for column in columns]
    # Names that leave no room for the rest get lines of their own.
    is_narrow = console.is_terminal and sum(widths) + 2 * len(widths) - 2 > console.width
    for row, cells in enumerate(zip(*columns, strict=True)):
        padded = [
            _padded(cell, width, column[0] in ("epochs", "minutes", *METRICS))
            for cell, width, column in zip(cells, widths, columns, strict=True)
        ]
        lines = [cells[0], "  " + "  ".join(padded[1:])] if is_narrow else ["  ".join(padded)]
        for line in lines:
            style = "bold" if row == 0 else None
            console.print(line.rstrip(), style=style, soft_wrap=True, highlight=False, markup=False)
        if row:
            _print_differences(console, found[row - 1])


def _padded(cell: str, width: int, is_number: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if is_number else cell + space


def _run_columns(found: list[dict[str, Any]], folder: Path) -> list[list[str]]:
    """Heading and cells of every column; the job and metrics only where they tell something."""
    names = [_name(Path(run["run"]), folder) for run in found]
    columns = [["run", *names]]
    if len({run["job"] for run in found if run["job"]}) > 1:
        columns.append(["job", *(run["job"] for run in found)])
    columns += [
        ["data", *(run["data"] for run in found)],
        ["status", *(run["status"] for run in found)],
        ["epochs", *(_epochs(run) for run in found)],
    ]
    for metric, show in METRICS.items():
        if any(metric in run["metrics"] for run in found):
            values = (run["metrics"].get(metric) for run in found)
            columns.append([metric, *("" if v is None else show(v) for v in values)])
    columns.append(["minutes", *(f"{run['minutes']:.2f}" for run in found)])
    return columns


def _name(run: Path, folder: Path) -> str:
    """The run's path below the folder asked for, which may be the run itself."""
    return run.as_posix() if run == folder else run.relative_to(folder).as_posix()


def _epochs(run: dict[str, Any]) -> str:
    return f"{run['epochs']}/{run['planned']}" if run["planned"] else str(run["epochs"])


def _print_differences(console: Console, run: dict[str, Any]) -> None:
    """What the run differs in, or why it is damaged: on a terminal wrapped between the options."""
    parts = [f"{name} {_value(value)}" for name, value in run["differs"].items()]
    text = run.get("reason") or ", ".join(part.replace(" ", "\0") for part in parts)
    width = max(console.width - 4, 20) if console.is_terminal else max(len(text), 1)
    for line in textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False):
        shown = "    " + line.replace("\0", " ")
        console.print(shown, style="dim", soft_wrap=True, highlight=False, markup=False)


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def art(pixels: "Tensor") -> list[str]:
    """A small grey image, uint8 (H, W, 1), as lines of block characters, two a pixel."""
    shades = " ░▒▓█"
    return ["".join(2 * shades[int(v) * 5 // 256] for v in row) for row in pixels[..., 0].tolist()]


def beside(blocks: list[list[str]], gap: int = 3) -> str:
    """Blocks of lines side by side."""
    height = max(len(block) for block in blocks)
    widths = [max(len(line) for line in block) for block in blocks]
    rows = (
        (" " * gap).join(
            (block[i] if i < len(block) else "").ljust(width)
            for block, width in zip(blocks, widths, strict=True)
        )
        for i in range(height)
    )
    return "\n".join(row.rstrip() for row in rows)


def show_data(console: Console, found: dict[str, Any], out: Path | None) -> None:
    """What a set holds: sizes and formats in a sentence, then its classes, then what is wrong."""
    height, width = found["size"]
    splits = ", ".join(f"{s['images']:,} {name}" for name, s in found["splits"].items())
    colours = "grey" if found["channels"] == 1 else "colour"
    stored = found["stored"]
    console.print(
        f"{found['name']}: {splits}; a network sees {width}x{height} {colours}", highlight=False
    )
    if stored:
        sides = (_span(stored[side]) for side in ("width", "height"))
        kinds = ", ".join(
            f"{n:,} {kind}" for kind, n in {**stored["formats"], **stored["modes"]}.items()
        )
        console.print(f"stored: {' x '.join(sides)} pixels; {kinds}", highlight=False)
    if found["classes"]:
        console.print(class_counts(found))
    for note in found["notes"]:
        console.print(note, style="yellow", highlight=False, soft_wrap=True)
    for broken in found["broken"][:10]:
        console.print(
            f"broken: {broken['path']} ({broken['reason']})", style="red", highlight=False
        )
    if len(found["broken"]) > 10:
        console.print(f"... and {len(found['broken']) - 10:,} more broken: --json has them all")
    for group in found["duplicates"][:5]:
        console.print(f"nearly the same: {', '.join(group[:4])}", highlight=False, soft_wrap=True)
    if len(found["duplicates"]) > 5:
        more = pluralize(len(found["duplicates"]) - 5, "more group")
        console.print(f"... and {more}: --json has them all")
    if out is not None:
        console.print(f"contact sheet: {out}", highlight=False)


def _span(pixels: dict[str, float]) -> str:
    least, most = pixels["min"], pixels["max"]
    return f"{least:g}" if least == most else f"{least:g}-{most:g}"


def class_counts(found: dict[str, Any]) -> Table:
    """Images of every class in every split."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class")
    for split in found["splits"]:
        table.add_column(split, justify="right")
    for name in found["classes"]:
        counts = (split["classes"].get(name, 0) for split in found["splits"].values())
        table.add_row(name, *(f"{count:,}" for count in counts))
    return table
