"""Curves of the metrics over the epochs."""

from markupsafe import Markup

from handloom.reports.charts import Axis, Series, beside, chart
from handloom.runs.records import Metrics

Wanted = list[tuple[str, dict[str, str]]]
SHARES = ("accuracy", "macro_f1", "balanced_accuracy", "knn")


def panels(lines: list[Metrics], wanted: Wanted) -> Markup:
    """A chart for each of `wanted`, (title, {key of a metric, such as "train/loss": its name}).

    Charts without any recorded metric are left out.
    """
    figures = [
        chart(
            title,
            _series(lines, names),
            Axis("epoch", is_whole=True),
            Axis("", is_share=_are_shares(names)),
        )
        for title, names in wanted
        if any(key in line for key in names for line in lines)
    ]
    return beside(figures) if figures else Markup("<p>No metrics were recorded.</p>")


def _series(lines: list[Metrics], names: dict[str, str]) -> list[Series]:
    return [
        Series(name, [(line["epoch"], line[key]) for line in lines if line.get(key) is not None])
        for key, name in names.items()
    ]


def _are_shares(names: dict[str, str]) -> bool:
    return all(key.rpartition("/")[2] in SHARES for key in names)
