"""What both classifiers report: an evaluation as a record, calibration, and unequal classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict, cast

from handloom.runs.records import Evaluated, RunConfig, TemperatureSource
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.loading import Loaded
    from handloom.metrics.classification import ClassScores, Unit
    from handloom.metrics.confidence import Abstention, Reliability
    from handloom.runs.records import RunConfig

ENOUGH = 100  # labelled examples, below which a temperature is not fitted
SAID = 0.9  # share of groups to examples, from which on a few copies are not worth a word
UNEQUAL = 5  # times as many examples in the commonest class as in the rarest


class Rival(TypedDict):
    """A plain way to answer, and its accuracy in [0, 1] on the examples of an evaluation."""

    name: str
    accuracy: float


Threshold = TypedDict(
    "Threshold", {"class": str, "used": float | None, "best": float, "best_f1": float}
)
"""Of two classes: from which probability on the rarer, `class`, is named; the best F1 there is."""


class Corrected(TypedDict):
    """How many of the evaluated examples a person gave another label, or left out."""

    relabelled: int
    dropped: int


class OptionalFigures(Evaluated, total=False):
    """What an evaluation of a classifier says where there is such. images or texts: N.

    accuracy_low, accuracy_high: the ends of the interval, of few examples. repeated: examples like
    training ones. groups: how many groups the examples are of, where some belong together, and
    independent: as how many the interval counts them (`metrics.interval.independent`).
    """

    images: int
    texts: int
    accuracy_low: float
    accuracy_high: float
    top5_accuracy: float
    temperature: float
    temperature_source: TemperatureSource
    calibration_before_temperature: float
    rival: Rival
    groups: int
    independent: float
    repeated: int
    accuracy_without_repeated: float | None
    threshold: Threshold
    corrected: Corrected
    accuracy_before_corrections: float


class Evaluation(OptionalFigures):
    """evaluation.json of a classifier, and what `evaluate` returns. Shares are in [0, 1].

    loss: nats. interval: 95 % of the accuracy (`metrics.interval.of_share`). majority: the accuracy
    of always naming the commonest class here. confusion: [place of the class, of the predicted one,
    how many] where there are any. An older run recorded fewer of these; its page is of an
    evaluation made anew.
    """

    loss: float
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    calibration: float
    interval: list[float]
    majority: float
    majority_class: str
    classes: dict[str, ClassScores]
    confusion: list[list[int]]
    reliability: list[Reliability]
    abstention: list[Abstention]


def calibrate(
    run: Loaded[RunConfig], logits: Tensor, label: Tensor, source: TemperatureSource
) -> None:
    """Fit the temperature that the logits of every prediction are divided by, into config.json.

    logits: (N, K), label: int64 (N,) of examples that the networks did not learn from; fewer than
    ENOUGH say too little. source: what they are, "valid" or "folds".
    """
    from handloom.engine.inference import fit_temperature

    if len(label) < ENOUGH:
        return
    run.config["temperature"] = round(fit_temperature(logits, label), 4)
    run.config["temperature_source"] = source
    run.directory.write_config(run.config)


def calibrated(
    config: RunConfig,
    logits: Tensor,
    label: Tensor,
    unit: Unit,
    predicted: Tensor | None = None,
    group: Tensor | None = None,
) -> Evaluation:
    """`measured` at the run's temperature; where it has one, also "temperature",
    "temperature_source" and "calibration_before_temperature".

    config: of the run. logits: (N, K), as the network gives them.
    """
    from handloom.metrics.classification import expected_calibration_error

    temperature = config.get("temperature")
    scaled = logits / (temperature or 1.0)
    record = measured(scaled, label, config["classes"], unit, predicted, group)
    if temperature is None:
        return record
    before = round(expected_calibration_error(logits, label).item(), 6)
    source = config.get("temperature_source", "valid")
    record["temperature"], record["temperature_source"] = temperature, source
    record["calibration_before_temperature"] = before
    return record


def measured(
    logits: Tensor,
    label: Tensor,
    classes: list[str],
    unit: Unit,
    predicted: Tensor | None = None,
    group: Tensor | None = None,
) -> Evaluation:
    """An evaluation of these examples alone.

    logits: (N, K); label: int64 (N,). unit: images or texts. predicted: int64 (N,) where it is not
    the likeliest class. group: int64 (N,), the same number for examples that belong together, of
    which intervals count no more than tell something of their own; None where all stand alone.
    """
    from handloom.metrics.classification import classification_metrics, per_class
    from handloom.metrics.confidence import abstention, reliability
    from handloom.metrics.interval import independent, of_share

    predicted = logits.argmax(1) if predicted is None else predicted
    right, groups = predicted == label, len(label if group is None else group.unique())
    group = group if groups < len(label) else None
    metrics = classification_metrics(logits, label, predicted, group)
    count = label.bincount(minlength=len(classes))
    confidence = logits.softmax(1).gather(1, predicted[:, None])[:, 0]
    figures = {name: round(value.item(), 6) for name, value in metrics.items()}
    record: Evaluation = {
        **cast("Evaluation", {unit: len(label)} | figures),
        "interval": [round(end, 6) for end in of_share(right, group)],
        "majority": round(count.max().item() / len(label), 6),
        "majority_class": classes[int(count.argmax())],
        "classes": per_class(classes, predicted, label, unit, group),
        "confusion": _confusion(predicted, label, len(classes)),
        "reliability": reliability(confidence, right, group),
        "abstention": abstention(confidence, right, group),
    }
    if group is not None:
        record["groups"] = groups
        record["independent"] = round(independent(right, group), 2)
    record["warnings"] = _warnings(record, unit)
    return record


def beside(evaluation: Evaluation, rival: Rival | None) -> Evaluation:
    """An evaluation with that of a plain rival on the same examples, where there is one, and a
    warning where it is better."""
    if rival is None:
        return evaluation
    warnings = list(evaluation["warnings"])
    if evaluation["majority"] < evaluation["accuracy"] < rival["accuracy"]:
        warnings.append(f"{rival['name']} is right more often")
    return evaluation | {"rival": rival, "warnings": warnings}


def without_repeated(right: Tensor, repeated: Tensor | None) -> OptionalFigures:
    """How many examples the run was trained on too, and the accuracy of the others.

    right, repeated: bool (N,). Empty where there are none, or where nothing is known.
    """
    if repeated is None or not repeated.any():
        return {}
    others = right[~repeated]
    alone = round(others.float().mean().item(), 6) if len(others) else None
    return {"repeated": int(repeated.sum()), "accuracy_without_repeated": alone}


def imbalance(label: Tensor, classes: Sequence[str], unit: Unit, is_balanced: bool) -> list[str]:
    """A sentence where the commonest class has many times the examples of the rarest.

    label: int64 (N,) of the training part. is_balanced: classes are weighted already.
    """
    if not is_unequal(label):
        return []
    count = label.bincount(minlength=len(classes))
    occurs = count.masked_fill(count == 0, len(label) + 1)
    most, least = int(count.max()), int(occurs.min())
    common, rare = classes[int(count.argmax())], classes[int(occurs.argmin())]
    amounts = f"'{common}' has {most:,} training {unit}, '{rare}' has {least:,}"
    if is_balanced:
        return [f"{amounts}: one of '{rare}' weighs {most / least:.0f} times as much"]
    return [f"classes are unequal: {amounts}; --class-weights balanced weighs them equally"]


def is_unequal(label: Tensor) -> bool:
    """Whether the commonest class has many times the examples of the rarest. label: int64 (N,)."""
    count = label.bincount()
    return bool(count.max() >= UNEQUAL * count[count > 0].min())


def _confusion(predicted: Tensor, label: Tensor, classes: int) -> list[list[int]]:
    cells, count = (label * classes + predicted).unique(return_counts=True)
    return [
        [cell // classes, cell % classes, number]
        for cell, number in zip(cells.tolist(), count.tolist(), strict=True)
    ]


def _warnings(record: Evaluation, unit: Unit) -> list[str]:
    """Reasons to trust an accuracy less."""
    from handloom.metrics.classification import FEW

    classes = record["classes"]
    low, majority = record["interval"][0], record["majority"]
    commonest = record["majority_class"]
    occurring = [name for name, entry in classes.items() if entry[unit]]
    named = [name for name, entry in classes.items() if entry["predicted"]]
    if len(occurring) == 1:
        return [f"all are of class '{occurring[0]}', so this says nothing about other classes"]
    warnings = [f"it names no class but '{named[0]}'"] if len(named) == 1 else []
    if record["accuracy"] <= majority:
        warnings.append(f"it does not beat always naming '{commonest}'")
    elif low <= majority:
        warnings.append(
            f"{several(record, unit)} cannot show that it beats always naming '{commonest}'"
        )
    elif record.get("independent", record[unit]) < FEW:
        warnings.append(cannot_tell(record, unit))
    return warnings


def cannot_tell(evaluation: Evaluation, unit: Unit) -> str:
    """What so few examples do not say of an accuracy."""
    low, high = evaluation["interval"]
    return f"{several(evaluation, unit)} cannot tell {100 * low:.0f} % from {100 * high:.0f} %"


def several(evaluation: Evaluation, unit: Unit) -> str:
    """What was evaluated: 32 images; where many of them belong together, 32 images of 4 groups."""
    words = pluralize(evaluation[unit], unit.removesuffix("s"))
    groups = evaluation.get("groups", evaluation[unit])
    is_said = groups < SAID * evaluation[unit]
    return f"{words} of {pluralize(groups, 'group')}" if is_said else words
