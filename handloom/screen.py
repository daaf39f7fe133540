"""What a person reads in the terminal: tables and sentences, no computation."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from handloom.recipes.options import Built

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.nn.layers import Layer


def announce(console: Console, data: str, built: Built, path: Path) -> None:
    """Before training: what the data are, what the network is, where the run goes."""
    record, experiment = built.record, built.experiment
    counts: dict[str, int] = next(
        (record[k] for k in ("pictures", "texts", "characters") if k in record), {}
    )
    parts = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    classes = record.get("classes", [])
    about = f" in {len(classes)} classes" if classes else ""
    console.print(f"{data}: {parts}{about}", highlight=False, soft_wrap=True)
    for note in built.notes:
        console.print(note, highlight=False, soft_wrap=True, style="yellow")
    if built.example is not None:
        from handloom.nn.layers import layer_table

        for name, network in experiment.networks.items():
            console.print(layers(name, layer_table(network, built.example)))
    precision = experiment.precision
    console.print(
        f"{experiment.epochs} epochs of {experiment.train.steps} steps of "
        f"{experiment.train.batch_size} on {precision.device} in {precision.name}, into {path}",
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
    table.caption = f"{cost / 1e6:,.1f} million multiply-adds a picture"
    table.caption_justify = "left"
    return table


def classes(found: dict[str, dict[str, float]]) -> Table:
    """Accuracy of every class, the worst first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    unit = "texts" if any("texts" in of for of in found.values()) else "pictures"
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


def runs(found: list[dict[str, Any]]) -> Table:
    """One row a run; the last column says in which options it differs from the others."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("run", "job", "data", "status", "epochs", "accuracy", "minutes"):
        table.add_column(heading, no_wrap=True)
    table.add_column("differs in", overflow="fold", min_width=24)
    for run in found:
        accuracy = run["metrics"].get("accuracy")
        table.add_row(
            run["run"],
            run["job"],
            run["data"],
            run["status"],
            str(run["epochs"]),
            "" if accuracy is None else f"{100 * accuracy:.2f} %",
            f"{run['minutes']:.1f}",
            ", ".join(f"{k} {v}" for k, v in run["differs"].items()),
        )
    return table


def art(pixels: "Tensor") -> list[str]:
    """A small grey picture, uint8 (H, W, 1), as lines of block characters, two a pixel."""
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
    splits = ", ".join(f"{s['pictures']:,} {name}" for name, s in found["splits"].items())
    colours = "grey" if found["channels"] == 1 else "colour"
    stored = found["stored"]
    console.print(
        f"{found['name']}: {splits}; a network sees {width}x{height} {colours}", highlight=False
    )
    if stored:
        sides = (f"{stored[side]['min']:g}-{stored[side]['max']:g}" for side in ("width", "height"))
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
        console.print(f"... and {len(found['duplicates']) - 5:,} more groups: --json has them all")
    if out is not None:
        console.print(f"contact sheet: {out}", highlight=False)


def class_counts(found: dict[str, Any]) -> Table:
    """Pictures of every class in every split."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class")
    for split in found["splits"]:
        table.add_column(split, justify="right")
    for name in found["classes"]:
        counts = (split["classes"].get(name, 0) for split in found["splits"].values())
        table.add_row(name, *(f"{count:,}" for count in counts))
    return table
