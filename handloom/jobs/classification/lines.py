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
        f"{several(evaluation, unit)} ({interval(low, high)})",
        f"for comparison: {', '.join(beside)}",
        ", ".join(filter(None, figures)),
        *corrected,
        *_left_out(evaluation, unit),
        *_repeated(evaluation),
        *evaluation["warnings"],
    ]


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
