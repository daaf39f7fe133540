"""Which epoch was kept, in a sentence, and how sure it is that it was the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handloom.metrics.interval import wilson
from handloom.wording import interval, percent, pluralize

if TYPE_CHECKING:
    from handloom.engine.callbacks.best import BestEpoch

PREFIXES = {"valid": "validation", "test": "test"}
NAMES = {"macro_f1": "macro F1"}
SHARES = ("accuracy", "macro_f1")  # from 0 to 1


def kept(best: BestEpoch, lines: Sequence[dict[str, float]], examples: int | None) -> str:
    """Of an accuracy over a known number of examples, with its interval and the other epochs that
    are within it; of another metric with its value alone.

    lines: of metrics.jsonl. examples: that were evaluated after an epoch.
    """
    assert best.monitor is not None
    assert best.value is not None
    prefix, _, name = best.monitor.partition("/")
    metric = f"{PREFIXES.get(prefix, prefix)} {NAMES.get(name, name.replace('_', ' '))}"
    if name != "accuracy" or not examples:
        value = percent(best.value) if name in SHARES else f"{best.value:.4g}"
        return f"kept: epoch {best.epoch}, the best by {metric} ({value})"
    low, high = wilson(round(best.value * examples), examples)
    others = [line for line in lines if line["epoch"] != best.epoch and best.monitor in line]
    alike = sum(low <= line[best.monitor] <= high for line in others)
    words = f"{metric} {percent(best.value)} ({interval(low, high)}"
    if alike:
        words += f"; {pluralize(alike, 'other epoch')} {'is' if alike == 1 else 'are'} within it"
    return f"kept: epoch {best.epoch}, {words})"
