"""What both classifiers report: an evaluation as a record and a sentence, calibration, and unequal
classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict, cast

from handloom.runs.records import Evaluated, RunConfig, TemperatureSource
from handloom.wording import are, interval, percent, pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.loading import Loaded
    from handloom.metrics.classification import ClassScores, Unit
    from handloom.metrics.confidence import Abstention, Reliability
    from handloom.runs.records import RunConfig

ENOUGH = 100  # labelled examples, below which a temperature is not fitted
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
    training ones.
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
    repeated: int
    accuracy_without_repeated: float | None
    threshold: Threshold
    corrected: Corrected
    accuracy_before_corrections: float


class Evaluation(OptionalFigures):
    """evaluation.json of a classifier, and what `evaluate` returns. Shares are in [0, 1].

    loss: nats. interval: 95 % of the accuracy (Wilson). majority: the accuracy of always naming the
    commonest class here. confusion: [place of the class, of the predicted one, how many] where
    there are any. An older run recorded fewer of these; its page is of an evaluation made anew.
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
) -> Evaluation:
    """`measured` at the run's temperature; where it has one, also "temperature",
    "temperature_source" and "calibration_before_temperature".

    config: of the run. logits: (N, K), as the network gives them.
    """
    from handloom.metrics.classification import expected_calibration_error

    temperature = config.get("temperature")
    scaled = logits / (temperature or 1.0)
    record = measured(scaled, label, config["classes"], unit, predicted)
    if temperature is None:
        return record
    before = round(expected_calibration_error(logits, label).item(), 6)
    source = config.get("temperature_source", "valid")
    record["temperature"], record["temperature_source"] = temperature, source
    record["calibration_before_temperature"] = before
    return record


def measured(
    logits: Tensor, label: Tensor, classes: list[str], unit: Unit, predicted: Tensor | None = None
) -> Evaluation:
    """An evaluation of these examples alone.

    logits: (N, K); label: int64 (N,). unit: images or texts. predicted: int64 (N,) where it is not
    the likeliest class.
    """
    from handloom.metrics.classification import classification_metrics, per_class
    from handloom.metrics.confidence import abstention, reliability
    from handloom.metrics.interval import wilson

    predicted = logits.argmax(1) if predicted is None else predicted
    metrics = classification_metrics(logits, label, predicted)
    right = int((predicted == label).sum())
    count = label.bincount(minlength=len(classes))
    confidence = logits.softmax(1).gather(1, predicted[:, None])[:, 0]
    figures = {name: round(value.item(), 6) for name, value in metrics.items()}
    record: Evaluation = {
        **cast("Evaluation", {unit: len(label)} | figures),
        "interval": [round(end, 6) for end in wilson(right, len(label))],
        "majority": round(count.max().item() / len(label), 6),
        "majority_class": classes[int(count.argmax())],
        "classes": per_class(classes, predicted, label, unit),
        "confusion": _confusion(predicted, label, len(classes)),
        "reliability": reliability(confidence, predicted == label),
        "abstention": abstention(confidence, predicted == label),
    }
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


def evaluation_lines(evaluation: Evaluation, unit: Unit) -> list[str]:
    """An evaluation in lines: the accuracy, what it is beside, other figures, and warnings."""
    low, high = evaluation["interval"]
    beside = [f"the commonest class alone {percent(evaluation['majority'])}"]
    rival = evaluation.get("rival")
    if rival is not None:
        beside.insert(0, f"{rival['name']} {percent(rival['accuracy'])}")
    calibration = f"calibration error {100 * evaluation['calibration']:.1f} %"
    if "calibration_before_temperature" in evaluation:
        before = 100 * evaluation["calibration_before_temperature"]
        is_own = evaluation.get("temperature_source") == evaluation["split"]
        fitted = ", which was fitted here" if is_own else ""
        calibration += f" ({before:.1f} % before temperature{fitted})"
    top5 = evaluation.get("top5_accuracy")
    corrected = list[str]()
    if "accuracy_before_corrections" in evaluation:
        accuracy = percent(evaluation["accuracy_before_corrections"])
        corrected.append(f"on the labels before their correction {accuracy}")
    figures = [
        "" if top5 is None else f"top 5 {percent(top5)}",
        f"macro F1 {percent(evaluation['macro_f1'])}",
        f"loss {evaluation['loss']:.4f}",
        calibration,
    ]
    return [
        f"{evaluation['split']}: accuracy {percent(evaluation['accuracy'])} on "
        f"{pluralize(evaluation[unit], unit.removesuffix('s'))} ({interval(low, high)})",
        f"for comparison: {', '.join(beside)}",
        ", ".join(filter(None, figures)),
        *corrected,
        *_left_out(evaluation, unit),
        *_repeated(evaluation),
        *evaluation["warnings"],
    ]


def without_repeated(right: Tensor, repeated: Tensor | None) -> OptionalFigures:
    """How many examples the run was trained on too, and the accuracy of the others.

    right, repeated: bool (N,). Empty where there are none, or where nothing is known.
    """
    if repeated is None or not repeated.any():
        return {}
    others = right[~repeated]
    alone = round(others.float().mean().item(), 6) if len(others) else None
    return {"repeated": int(repeated.sum()), "accuracy_without_repeated": alone}


def _repeated(evaluation: Evaluation) -> list[str]:
    if not evaluation.get("repeated"):
        return []
    alone = evaluation["accuracy_without_repeated"]
    without = f", without them {percent(alone)}" if alone is not None else ""
    number = evaluation["repeated"]
    return [f"{number:,} of them {are(number)} also in train{without}"]


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


def _left_out(evaluation: Evaluation, unit: Unit) -> list[str]:
    broken, unlabelled = len(evaluation.get("broken", ())), evaluation.get("unlabelled", 0)
    what = "broken" if unit == "images" else pluralize(broken, "row").partition(" ")[2]
    parts = [
        *([f"{broken:,} {what} left out"] if broken else []),
        *([f"{unlabelled:,} unlabelled left out"] if unlabelled else []),
    ]
    return [", ".join(parts)] if parts else []


def _warnings(record: Evaluation, unit: Unit) -> list[str]:
    """Reasons to trust an accuracy less."""
    from handloom.metrics.classification import FEW

    number, classes = record[unit], record["classes"]
    (low, high), majority = record["interval"], record["majority"]
    commonest = record["majority_class"]
    occurring = [name for name, entry in classes.items() if entry[unit]]
    named = [name for name, entry in classes.items() if entry["predicted"]]
    if len(occurring) == 1:
        return [f"all are of class '{occurring[0]}', so this says nothing about other classes"]
    warnings = [f"it names no class but '{named[0]}'"] if len(named) == 1 else []
    if record["accuracy"] <= majority:
        warnings.append(f"it does not beat always naming '{commonest}'")
    elif low <= majority:
        several = pluralize(number, unit.removesuffix("s"))
        warnings.append(f"{several} cannot show that it beats always naming '{commonest}'")
    elif number < FEW:
        warnings.append(cannot_tell(number, unit, low, high))
    return warnings


def cannot_tell(number: int, unit: Unit, low: float, high: float) -> str:
    """What so few examples do not say of an accuracy, whose interval is from low to high."""
    several = pluralize(number, unit.removesuffix("s"))
    return f"{several} cannot tell {100 * low:.0f} % from {100 * high:.0f} %"
