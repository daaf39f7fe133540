"""Curves of the metrics over the epochs."""

from typing import Any

from markupsafe import Markup

from handloom.reports.page import plot


def curves(lines: list[dict[str, Any]], names: dict[str, str], label: str) -> Markup:
    """One picture: names maps a metric's key, such as "train/loss", to what the legend says."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.2))
    axes = figure.subplots()
    for key, legend in names.items():
        points = [(line["epoch"], line[key]) for line in lines if key in line]
        if points:
            axes.plot(
                *zip(*points, strict=True), marker="." if len(points) < 60 else "", label=legend
            )
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return plot(figure, f"{label} over the epochs")
