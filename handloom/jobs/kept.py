"""Which epoch was kept, in a sentence, and how sure it is that it was the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handloom.metrics.interval import wilson
from handloom.wording import interval, percent, pluralize

if TYPE_CHECKING:
    from handloom.engine.callbacks.best import BestEpoch

PREFIXES = {"valid": "validation", "test": "test"}


def kept(best: BestEpoch, lines: Sequence[dict[str, float]], examples: int | None) -> str:
    """Of an accuracy over a known number of examples, with its interval and the other epochs that
    are within it; of another metric with its value alone.

    lines: of metrics.jsonl. examples: that were evaluated after an epoch.
    """
    assert best.monitor is not None
    assert best.value is not None
    prefix, _, name = best.monitor.partition("/")
    metric = f"{PREFIXES.get(prefix, prefix)} {name.replace('_', ' ')}"
    if name != "accuracy" or not examples:
        return f"kept: epoch {best.epoch}, the best by {metric} ({best.value:.4g})"
    low, high = wilson(round(best.value * examples), examples)
    others = [line for line in lines if line["epoch"] != best.epoch and best.monitor in line]
    alike = sum(low <= line[best.monitor] <= high for line in others)
    words = f"{metric} {percent(best.value)} ({interval(low, high)}"
    if alike:
        words += f"; {pluralize(alike, 'other epoch')} {'is' if alike == 1 else 'are'} within it"
    return f"kept: epoch {best.epoch}, {words})"
