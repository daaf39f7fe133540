"""How far the confidence of a classifier can be trusted: two charts of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from handloom.reports.charts import Axis, Series, beside, chart

if TYPE_CHECKING:
    from handloom.metrics.confidence import Abstention, Reliability


def trust(reliability: list[Reliability], abstention: list[Abstention]) -> Markup:
    """Confidence against accuracy, and accuracy against the share that is answered; see
    `metrics.confidence`."""
    bins = [(entry["confidence"], entry["accuracy"]) for entry in reliability]
    whiskers = [(low, high) for low, high in (entry["interval"] for entry in reliability)]
    curve = sorted((entry["answered"], entry["accuracy"]) for entry in abstention)
    lowest = min((entry["interval"][0] for entry in abstention), default=0.0)
    return beside(
        [
            chart(
                "Confidence and how often it is right",
                [Series("", bins, whiskers)],
                Axis("confidence", 0.0, 1.0, is_share=True),
                Axis("right", 0.0, 1.0, is_share=True),
                has_diagonal=True,
            ),
            chart(
                "Right among those answered",
                [Series("", curve, _bounds(abstention))],
                Axis("share answered, the most confident first", 0.0, 1.0, is_share=True),
                Axis("right", max(0.0, 0.1 * int(10 * lowest)), 1.0, is_share=True),
            ),
        ]
    )


def _bounds(abstention: list[Abstention]) -> list[tuple[float, float]]:
    ordered = sorted(abstention, key=lambda entry: (entry["answered"], entry["accuracy"]))
    return [(entry["interval"][0], entry["interval"][1]) for entry in ordered]
