"""A recommendation follows from the numbers, and says what they cannot tell apart."""

import numpy as np
import pytest

from handloom.comparison.records import Measured, Neighbours, Task
from handloom.comparison.verdict import decide, interval_of

NOTHING = Neighbours(np.zeros((0, 5), np.int64), np.zeros((0, 5), bool))
TASK = Task(True, "", 5, "precision@5", 0.1, np.arange(200), [])


def measured(name: str, mean: float, seconds: float, **more: object) -> Measured:
    """An encoder that answers at random, so well on average; each with numbers of its own."""
    random = np.random.default_rng(sum(map(ord, name)))
    values = random.binomial(5, mean, 200) / 5
    return Measured(name, {"precision@5": values}, NOTHING, seconds, 8)._replace(**more)  # type: ignore[arg-type]


def test_the_best_is_recommended_where_it_is_told_apart() -> None:
    verdict = decide([measured("quick", 0.4, 1), measured("slow", 0.8, 30)], TASK)
    assert verdict.encoder == "slow"
    assert verdict.sentences[0].startswith("Use slow: of the 5 images it finds nearest, ")
    assert "quick comes next: " in verdict.sentences[1]
    ((name, mean, low, high),) = verdict.differences
    assert name == "quick"
    assert 0 < low < mean < high


def test_of_equal_ones_the_quickest_is_recommended() -> None:
    verdict = decide(
        [measured("quick", 0.79, 1), measured("slow", 0.8, 30), measured("bad", 0.3, 1)], TASK
    )
    assert verdict.encoder == "quick"
    assert "not told apart from slow" in verdict.sentences[1]
    assert "bad comes next" in verdict.sentences[2]


def test_what_learned_the_labels_is_never_recommended() -> None:
    run = measured("run", 0.99, 1, flattered="trained on the labels of these images")
    assert decide([measured("fair", 0.5, 1), run], TASK).encoder == "fair"
    assert decide([run], TASK).encoder is None


def test_nothing_is_recommended_that_is_no_better_than_chance() -> None:
    verdict = decide([measured("weak", 0.1, 1)], TASK)
    assert verdict.encoder is None
    assert verdict.sentences[0].startswith("No encoder is told apart from chance (10.0 %)")
    assert decide([], TASK).encoder is None


def test_without_labels_the_verdict_says_what_it_is_about() -> None:
    task = TASK._replace(is_labelled=False, deciding="precision@5", chance=0.01)
    assert "no labels to go by" in decide([measured("any", 0.9, 1)], task).sentences[-1]


def test_an_interval_is_that_of_a_mean() -> None:
    values = np.array([0.0, 1.0] * 50)
    mean, low, high = interval_of(values)
    half = 1.959964 * values.std(ddof=1) / 10
    assert (mean, low, high) == pytest.approx((0.5, 0.5 - half, 0.5 + half))
    wide = interval_of(values, 4)
    assert wide[1] < low
    assert wide[2] > high
    assert interval_of(values[:1])[1:] == (-1, 1)
