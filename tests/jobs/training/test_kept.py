"""The sentence about the epoch that was kept, and how sure that is."""

from typing import Any

import pytest

from handloom.engine.callbacks.best import BestEpoch
from handloom.jobs.training.stages import kept


def lines(*values: float, metric: str = "valid/accuracy") -> list[dict[str, Any]]:
    return [{"epoch": number, metric: value} for number, value in enumerate(values, 1)]


def test_an_accuracy_has_its_interval_and_its_rivals() -> None:
    """Of 100 images 95 right is 88.8 to 97.8 % (Wilson)."""
    best = BestEpoch("valid/accuracy", 0.95, 0.2, 3)
    assert kept(best, lines(0.5, 0.94, 0.95, 0.90), 100) == (
        "kept: epoch 3, validation accuracy 95.00 % (95 % interval 88.8 to 97.8 %; 2 other epochs "
        "are within it)"
    )
    assert kept(best, lines(0.5, 0.6, 0.95, 0.7), 100).endswith("88.8 to 97.8 %)")


@pytest.mark.parametrize(
    ("monitor", "examples", "words"),
    [
        ("valid/loss", 100, "the best by validation loss (0.25)"),
        ("valid/macro_f1", 100, "the best by validation macro F1 (25.00 %)"),
        ("valid/accuracy", None, "the best by validation accuracy (25.00 %)"),
    ],
)
def test_what_has_no_interval_claims_none(monitor: str, examples: int | None, words: str) -> None:
    sentence = kept(BestEpoch(monitor, 0.25, None, 1), lines(0.25, 0.5, metric=monitor), examples)
    assert sentence == f"kept: epoch 1, {words}"
