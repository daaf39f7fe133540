"""Curves of the metrics over the epochs."""

from typing import Any

from markupsafe import Markup

from handloom.reports.page import plot


def curves(lines: list[dict[str, Any]], names: dict[str, str], label: str) -> Markup:
    """One plot; names: the key of a metric, such as "train/loss", to its legend."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.2))
    axes = figure.subplots()
    _draw(axes, lines, names)
    axes.set_ylabel(label)
    return plot(figure, f"{label} over the epochs")


def panels(lines: list[dict[str, Any]], wanted: list[tuple[str, dict[str, str]]]) -> Markup:
    """Small plots, two in a row; wanted: (label, names as for `curves`) of each. Plots without any
    recorded metric are left out."""
    from matplotlib.figure import Figure

    plots = [(label, names) for label, names in wanted if any(k in x for k in names for x in lines)]
    if not plots:
        return Markup("<p>No metrics were recorded.</p>")
    rows = -(-len(plots) // 2)
    figure = Figure(figsize=(9, 2.7 * rows), layout="constrained")
    for place, (label, names) in enumerate(plots, 1):
        axes = figure.add_subplot(rows, 2, place)
        _draw(axes, lines, names)
        axes.set_title(label, fontsize=10)
    return plot(figure, ", ".join(label for label, _ in plots))


def _draw(axes: Any, lines: list[dict[str, Any]], names: dict[str, str]) -> None:
    for key, legend in names.items():
        points = [(line["epoch"], line[key]) for line in lines if key in line]
        if points:
            axes.plot(
                *zip(*points, strict=True), marker="." if len(points) < 60 else "", label=legend
            )
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
