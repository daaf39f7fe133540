"""What the metrics of two players mean, in sentences for a person.

The thresholds come from pairs made to go wrong (benchmarks/health.py): docs/benchmarks.md has what
each measured.
"""

from collections.abc import Sequence
from typing import Any

VARIED = 0.2  # of what real images are; below it, a pair that was better has collapsed
STUCK = 0.1  # below it, one that does not get better never was anything else
PATIENCE = 5  # evaluations without more diversity, before the second is said
SEPARATED = (0.95, 0.05)  # what the critic gives real and drawn images
STREAK, STEPS = 3, 300  # epochs and steps, at least, over which that is the mean
COPIED = 0.6  # of the distance between training images, by features or by pixels

Line = dict[str, Any]
"""One object of metrics.jsonl."""


RARE = 0.2  # of the share that a class has among real images


def words(lines: Sequence[Line], prefix: str = "valid/") -> list[str]:
    """What went wrong in training, one sentence each, with the epoch in which it could be told.

    lines: of metrics.jsonl, in order. More lines add sentences and change none, so that whoever
    watches a run can say the new ones alone.
    """
    judged = [line for line in lines if f"{prefix}diversity" in line]
    found = (_collapsed(judged, prefix), _won(lines), _copied(judged, prefix))
    return [sentence for _, sentence in sorted(f for f in found if f is not None)]


def verdict(found: Line, shares: Sequence[float] = ()) -> list[str]:
    """What is wrong with the images of a finished generator, one sentence each.

    found: an evaluation, with "diversity", "nearest", "pixels" and, by class, "shares"; shares: of
    the classes among real images, in the same order.
    """
    said = []
    if found["diversity"] < VARIED:
        said.append(
            f"the drawn images have {_percent(found['diversity'])} of the diversity of real "
            "ones, they look nearly alike: the generator has collapsed, or has not learned yet"
        )
    drawn = found.get("shares", {})
    rare = [n for (n, share), real in zip(drawn.items(), shares) if share < RARE * real]
    if rare:
        named = ", ".join(f"'{name}'" for name in rare[:5]) + (", ..." if len(rare) > 5 else "")
        are = "is" if len(rare) == 1 else "are"
        said.append(f"{len(rare)} of {len(drawn)} classes {are} hardly ever drawn: {named}")
    far = min(found["nearest"], found["pixels"])
    if far < COPIED:
        said.append(
            f"drawn images are {far:.2f} times as far from the nearest training image as "
            "those are from each other: most are copies"
        )
    return said


Found = tuple[int, str] | None


def _collapsed(lines: Sequence[Line], prefix: str) -> Found:
    """Diversity below half its best twice in a row, or low and not rising any more."""
    best, grown, grown_at, before = 0.0, 0.0, 0, 0.0
    for i, line in enumerate(lines):
        # More than real images have comes from odd ones, and is nothing to lose.
        now = min(1.0, line[f"{prefix}diversity"])
        # Twice, since one evaluation of a pair that goes on may be bad.
        if best > VARIED and max(now, before) < best / 2:
            return line["epoch"], (
                f"epoch {line['epoch']}: diversity fell to {_percent(now)} of that of real "
                f"images, from {_percent(best)}: the generator is collapsing, it draws ever "
                "fewer different images; the best epoch is kept, try a smaller --critic-lr"
            )
        before, best = now, max(now, best)
        if now > 1.25 * grown:  # by less, it has not grown
            grown, grown_at = now, i
        elif best < STUCK and i - grown_at >= PATIENCE:
            return line["epoch"], (
                f"epoch {line['epoch']}: diversity is {_percent(now)} of that of real images "
                f"and has not grown for {PATIENCE} evaluations: the generator has collapsed, it "
                "draws nearly the same image again and again; try another --loss or --network"
            )
    return None


def _won(lines: Sequence[Line]) -> Found:
    # A critic with a gradient penalty is meant to win, and gives no probabilities.
    # With --n-critic above the steps of an epoch there are epochs without the generator.
    told = {"train/critic/real", "train/critic/fake", "train/generator/loss"}
    fair = [x for x in lines if told <= x.keys() and "train/critic/penalty" not in x]
    first = 0
    for i, line in enumerate(fair):
        while i - first >= STREAK and line["step"] - fair[first]["step"] >= STEPS:
            first += 1
        window = fair[first : i + 1]
        real, drawn = (_mean(window, f"train/critic/{name}") for name in ("real", "fake"))
        half = len(window) // 2
        grows = _mean(window[half:], "train/generator/loss") >= _mean(
            window[:half] or window, "train/generator/loss"
        )
        enough = len(window) >= STREAK and line["step"] >= STEPS
        if enough and grows and real > SEPARATED[0] and drawn < SEPARATED[1]:
            return line["epoch"], (
                f"epoch {line['epoch']}: the critic (the discriminator) has won: it gives real "
                f"images {real:.2f} and drawn ones {drawn:.2f}, and the generator's loss grows; "
                "what it draws gets better slowly, if at all; a smaller --critic-lr or --augment "
                "diff holds the critic back"
            )
    return None


def _copied(lines: Sequence[Line], prefix: str) -> Found:
    for line in lines:
        far = min(line.get(f"{prefix}nearest", 1.0), line.get(f"{prefix}pixels", 1.0))
        if far < COPIED:
            return line["epoch"], (
                f"epoch {line['epoch']}: drawn images are {far:.2f} times as far from the "
                "nearest training image as those are from each other: the generator copies "
                "what it has seen; more images help, or stopping earlier"
            )
    return None


def _mean(lines: Sequence[Line], name: str) -> float:
    return float(sum(line[name] for line in lines) / len(lines))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
