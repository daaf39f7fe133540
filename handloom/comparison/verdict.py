"""Which encoder to use, in words that follow from the numbers.

Encoders are compared by the mean over the queries of the difference of their scores, with its
interval: the same queries for both, so that how hard a query is cancels out. The best is compared
with every other, and the intervals hold together with 95 % (Bonferroni). Of the encoders that are
not told apart from the best, the one that is used soonest and for least is recommended.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

from handloom.comparison.records import Measured, Shares, Task, Verdict
from handloom.wording import join_and

LEVEL = 0.95
PROXY = (
    "There were no labels to go by: this is about how well an encoder finds an image again after "
    "cropping, mirroring and other light, not about whether it sees what is in it. Folders named "
    "by class, or a table with labels, of a few hundred images would say more."
)


def interval_of(values: Shares, comparisons: int = 1) -> tuple[float, float, float]:
    """The mean of values (Q,), and the ends of its interval."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, -1.0, 1.0
    deviations = NormalDist().inv_cdf(1 - (1 - LEVEL) / (2 * max(1, comparisons)))
    half = deviations * float(values.std(ddof=1)) / sqrt(len(values))
    return mean, mean - half, mean + half


def decide(measured: Sequence[Measured], task: Task) -> Verdict:
    """The recommendation; of none where no encoder is better than chance."""
    if not measured:
        return Verdict(None, ("No encoder was measured: give more time with --minutes.",), ())
    fair = [each for each in measured if each.flattered is None]
    if not fair:
        return Verdict(None, ("Nothing was measured that could be compared.",), ())
    best = max(fair, key=lambda each: float(each.scores[task.deciding].mean()))
    others = [each for each in fair if each is not best]
    differences = {each.name: _difference(best, each, task, len(others)) for each in others}
    mean, low, _ = interval_of(best.scores[task.deciding], len(fair))
    if low <= task.chance:
        sentence = (
            f"No encoder is told apart from chance ({_share(task.chance)}): the best, {best.name}, "
            f"reaches {_share(mean)} of {task.deciding} on {len(task.queries):,} queries."
        )
        return Verdict(None, (sentence, *_caution(task)), _listed(differences))
    level = [each for each in others if differences[each.name][1] <= 0]
    chosen = min([best, *level], key=lambda each: (each.seconds, each.bytes))
    sentences = [f"Use {chosen.name}: {_meaning(chosen, task)}.", *_beside(chosen, best, level)]
    sentences += _apart(best, [each for each in others if each not in level], differences)
    return Verdict(chosen.name, (*sentences, *_caution(task)), _listed(differences))


def _difference(best: Measured, other: Measured, task: Task, count: int) -> tuple[float, ...]:
    return interval_of(best.scores[task.deciding] - other.scores[task.deciding], count)


def _listed(
    differences: dict[str, tuple[float, ...]],
) -> tuple[tuple[str, float, float, float], ...]:
    return tuple((name, *values) for name, values in differences.items())  # type: ignore[misc]


def _meaning(chosen: Measured, task: Task) -> str:
    share = _share(float(chosen.scores[task.deciding].mean()))
    if task.is_labelled:
        return (
            f"of the {task.k} images it finds nearest, {share} have the label of the query "
            f"({_share(task.chance)} by chance)"
        )
    return f"{share} of distorted views find the image they were made of first"


def _beside(chosen: Measured, best: Measured, level: Sequence[Measured]) -> list[str]:
    """What was not told apart, and why one of it is recommended."""
    equal = [each.name for each in (best, *level) if each is not chosen]
    if not equal:
        return []
    return [
        f"It is not told apart from {join_and(equal)}, and is the quickest of them: "
        f"{duration(chosen.seconds)} for 1,000 images."
    ]


def _apart(
    best: Measured, worse: Sequence[Measured], differences: dict[str, tuple[float, ...]]
) -> list[str]:
    """How far the next one is behind the best."""
    if not worse:
        return []
    near = min(worse, key=lambda each: differences[each.name][0])
    mean, low, high = differences[near.name]
    return [
        f"{near.name} comes next: {points(mean)} percentage points behind {best.name}, 95 % "
        f"interval {points(low)} to {points(high)}."
    ]


def _caution(task: Task) -> tuple[str, ...]:
    return () if task.is_labelled else (PROXY,)


def duration(seconds: float) -> str:
    """A duration for a sentence, with two figures below ten seconds."""
    if seconds < 10:
        return f"{seconds:.2g} seconds"
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{100 * share:.1f}"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
