"""What a person reads before a training starts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from handloom.display.console import Display
from handloom.runs.records import RunConfig
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.engine.loop import Experiment
    from handloom.models.summary import Layer


def announce_data(display: Display, data: str, record: RunConfig, notes: Sequence[str]) -> None:
    """What was read: splits with their counts, classes, and what should be known of them; not
    again where it was shown before."""
    counts = record.get("images") or record.get("texts") or record.get("characters") or {}
    splits = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    classes = record.get("classes", [])
    in_classes = f" in {pluralize(len(classes), 'class')}" if classes else ""
    line = f"{_as_typed(data)}: {splits}{in_classes}"
    if counts and display.is_first(line):
        display.message(line)
    for note in notes:
        display.note(note)


def _as_typed(data: str) -> str:
    """What lies below the working directory by its path from there; everything else as it is."""
    here = Path.cwd()
    if Path(data).is_absolute() and Path(data).is_relative_to(here):
        return f"./{Path(data).relative_to(here).as_posix()}"
    return data


def announce_networks(display: Display, experiment: "Experiment", example: "Tensor | None") -> None:
    """A table of layers where there is an example to send through them, otherwise the sizes; not
    again where they were shown before, as of repeated runs."""
    networks = experiment.networks
    if example is not None:
        from handloom.models.summary import layer_table

        for name, network in networks.items():
            rows = layer_table(network, example)
            if display.is_first((name, rows)):
                display.print(layers(name, rows))
        return
    sizes = {name: sum(p.numel() for p in part.parameters()) for name, part in networks.items()}
    described = ", ".join(f"{name} {size:,}" for name, size in sizes.items() if size)
    if described and display.is_first(described):
        display.message(f"parameters: {described}")


def announce_training(
    display: Display, experiment: "Experiment", stages: Sequence[tuple[str, int]], path: Path
) -> None:
    """How long, on what, and where to. stages: names and epochs, 0 for a closed-form stage."""
    precision, train = experiment.precision, experiment.train
    total = sum(epochs for _, epochs in stages)
    place = f"on {precision.device} in {precision.name}, into {path}"
    if not total:
        display.message(f"a closed-form fit {place}")
        return
    named = ", ".join(f"{name} {epochs or 'in closed form'}" for name, epochs in stages)
    display.message(
        f"{pluralize(total, 'epoch')}{f' ({named})' if len(stages) > 1 else ''} of "
        f"{pluralize(train.steps, 'step')} of {train.batch_size} {place}"
    )


def layers(name: str, rows: "Sequence[Layer]") -> Table:
    """Layers with output shape, parameters and receptive field in pixels."""
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    for heading in ("layer", "kind", "output", "parameters", "sees"):
        table.add_column(heading, justify="right" if heading in ("parameters", "sees") else "left")
    for layer in rows:
        sees = f"{layer.receptive_field}px" if layer.receptive_field else ""
        shape = "x".join(str(side) for side in layer.shape)
        parameters = f"{layer.parameters:,}" if layer.parameters else ""
        table.add_row(layer.name, layer.kind, shape, parameters, sees)
    total = sum(layer.parameters for layer in rows)
    cost = sum(layer.multiply_adds for layer in rows)
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
