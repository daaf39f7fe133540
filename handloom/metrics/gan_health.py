"""Warnings derived from the metrics of a GAN, as sentences.

The thresholds come from GANs that were made to fail (benchmarks/health.py); docs/benchmarks has the
measurements.
"""

from collections.abc import Mapping, Sequence
from typing import Any

VARIED = 0.2  # diversity; below it, a GAN that was better has collapsed
STUCK = 0.1  # diversity; below it, a GAN that does not improve has never been better
PATIENCE = 5  # evaluations without more diversity, before that is reported
SEPARATED = (0.95, 0.05)  # mean output of the discriminator for real and for generated images
STREAK, STEPS = 3, 300  # epochs and steps, at least, over which the means are taken
COPIED = 0.6  # of the distance between training images, in features or in pixels
RARE = 0.2  # of the share that a class has among real images

MetricsLine = Mapping[str, Any]
"""One line of metrics.jsonl, or an evaluation."""


def training_warnings(lines: Sequence[MetricsLine]) -> list[str]:
    """What went wrong in training, one sentence each, with the epoch in which it became visible.

    lines: of metrics.jsonl, in order. More lines add sentences and never change one, so that a
    callback can report the new ones alone.
    """
    evaluated = [line for line in lines if "valid/diversity" in line]
    checks = (_collapsed(evaluated), _overpowered(lines), _copied(evaluated))
    return [sentence for _, sentence in sorted(w for w in checks if w is not None)]


def sample_warnings(evaluation: MetricsLine, real_shares: Sequence[float] = ()) -> list[str]:
    """What is wrong with the images of a finished generator, one sentence each.

    evaluation: has "diversity", "nearest", "nearest_pixels" and, where classes are known, "shares";
    real_shares: the shares of the classes among real images, in the same order.
    """
    warnings = []
    if evaluation["diversity"] < VARIED:
        warnings.append(
            f"the generated images have {_percent(evaluation['diversity'])} of the diversity of "
            "real ones, so they look nearly alike: the generator has collapsed, or has not learned "
            "yet"
        )
    shares = evaluation.get("shares", {})
    rare = [n for (n, share), real in zip(shares.items(), real_shares) if share < RARE * real]
    if rare:
        names = ", ".join(f"'{name}'" for name in rare[:5]) + (", ..." if len(rare) > 5 else "")
        verb = "is" if len(rare) == 1 else "are"
        warnings.append(f"{len(rare)} of {len(shares)} classes {verb} hardly generated: {names}")
    distance = min(evaluation["nearest"], evaluation["nearest_pixels"])
    if distance < COPIED:
        warnings.append(
            f"generated images are {distance:.2f} times as far from the nearest training image as "
            "training images are from each other: most are copies"
        )
    return warnings


Finding = tuple[int, str] | None
"""Epoch and sentence."""


def _collapsed(lines: Sequence[MetricsLine]) -> Finding:
    """Diversity below half of its best twice in a row, or low and no longer rising."""
    best, risen, risen_at, before = 0.0, 0.0, 0, 0.0
    for i, line in enumerate(lines):
        # Outliers can push it above 1; falling back to 1 is not a loss.
        now = min(1.0, line["valid/diversity"])
        # Twice, since one evaluation of a GAN that recovers can be bad.
        if best > VARIED and max(now, before) < best / 2:
            return line["epoch"], (
                f"epoch {line['epoch']}: diversity fell to {_percent(now)} of that of real "
                f"images, from {_percent(best)}: the generator is collapsing to ever fewer "
                "different images; the best epoch is kept, try a smaller --discriminator-lr"
            )
        before, best = now, max(now, best)
        if now > 1.25 * risen:  # a smaller rise is noise
            risen, risen_at = now, i
        elif best < STUCK and i - risen_at >= PATIENCE:
            return line["epoch"], (
                f"epoch {line['epoch']}: diversity is {_percent(now)} of that of real images "
                f"and has not risen for {PATIENCE} evaluations: the generator has collapsed to "
                "nearly one image; try another --loss or --network"
            )
    return None


def _overpowered(lines: Sequence[MetricsLine]) -> Finding:
    """The discriminator separates real from generated images and the generator's loss rises."""
    # A critic with a gradient penalty is meant to separate them, and its scores are not
    # probabilities. With --n-critic above the steps of an epoch, some have no generator loss.
    needed = {"train/discriminator/real", "train/discriminator/fake", "train/generator/loss"}
    fair = [x for x in lines if needed <= x.keys() and "train/discriminator/penalty" not in x]
    first = 0
    for i, line in enumerate(fair):
        while i - first >= STREAK and line["step"] - fair[first]["step"] >= STEPS:
            first += 1
        window = fair[first : i + 1]
        real, fake = (_mean(window, f"train/discriminator/{name}") for name in ("real", "fake"))
        half = len(window) // 2
        rises = _mean(window[half:], "train/generator/loss") >= _mean(
            window[:half] or window, "train/generator/loss"
        )
        enough = len(window) >= STREAK and line["step"] >= STEPS
        if enough and rises and real > SEPARATED[0] and fake < SEPARATED[1]:
            return line["epoch"], (
                f"epoch {line['epoch']}: the discriminator is too strong: its output is {real:.2f} "
                f"for real images and {fake:.2f} for generated ones, and the generator's loss "
                "rises, so images improve slowly, if at all; try a smaller --discriminator-lr or "
                "--augment diff"
            )
    return None


def _copied(lines: Sequence[MetricsLine]) -> Finding:
    for line in lines:
        distance = min(line.get("valid/nearest", 1.0), line.get("valid/nearest_pixels", 1.0))
        if distance < COPIED:
            return line["epoch"], (
                f"epoch {line['epoch']}: generated images are {distance:.2f} times as far from the "
                "nearest training image as training images are from each other: the generator "
                "copies its training data; use more images, or stop earlier"
            )
    return None


def _mean(lines: Sequence[MetricsLine], name: str) -> float:
    return float(sum(line[name] for line in lines) / len(lines))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
