"""An evaluation in lines, for the terminal, of images and of texts alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.jobs.classification.evaluation import several
from handloom.wording import are, interval, percent, pluralize

if TYPE_CHECKING:
    from handloom.jobs.classification.evaluation import Evaluation
    from handloom.metrics.classification import Unit


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
        worse = ", so it made confidence worse here" if _is_worse(evaluation) else ""
        calibration += f" ({before:.1f} % before temperature{fitted}{worse})"
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
        f"{several(evaluation, unit)} ({interval(low, high)})",
        f"for comparison: {', '.join(beside)}",
        ", ".join(filter(None, figures)),
        *corrected,
        *_left_out(evaluation, unit),
        *_repeated(evaluation),
        *evaluation["warnings"],
        *_threshold(evaluation),
    ]


def _threshold(evaluation: Evaluation) -> list[str]:
    """What another threshold would give where the rarer of two classes is never named."""
    threshold = evaluation.get("threshold")
    if threshold is None:
        return []
    scores = evaluation["classes"].get(threshold["class"])
    if scores is None or scores["predicted"]:  # it does not occur, or is named
        return []
    best, f1 = threshold["best"], percent(threshold["best_f1"])
    return [
        f"--threshold {best:.2g} in evaluate would name '{threshold['class']}', with an F1 of {f1} "
        "(the best one on these very examples, which flatters it)"
    ]


def _is_worse(evaluation: Evaluation) -> bool:
    """Whether the temperature made the calibration error larger, by what is shown of it."""
    after, before = evaluation["calibration"], evaluation["calibration_before_temperature"]
    return round(100 * after, 1) > round(100 * before, 1)


def _repeated(evaluation: Evaluation) -> list[str]:
    if not evaluation.get("repeated"):
        return []
    alone = evaluation["accuracy_without_repeated"]
    without = f", without them {percent(alone)}" if alone is not None else ""
    number = evaluation["repeated"]
    return [f"{number:,} of them {are(number)} also in train{without}"]


def _left_out(evaluation: Evaluation, unit: Unit) -> list[str]:
    broken, unlabelled = len(evaluation.get("broken", ())), evaluation.get("unlabelled", 0)
    what = "broken" if unit == "images" else pluralize(broken, "row").partition(" ")[2]
    parts = [
        *([f"{broken:,} {what} left out"] if broken else []),
        *([f"{unlabelled:,} unlabelled left out"] if unlabelled else []),
    ]
    return [", ".join(parts)] if parts else []
