"""An evaluation beside the cross-validation by which its run was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.wording import percent

if TYPE_CHECKING:
    from handloom.jobs.classification.evaluation import Evaluation
    from handloom.jobs.loading import Loaded
    from handloom.metrics.classification import Unit
    from handloom.runs.records import RunConfig

CONTRADICTS = 0.05  # by which accuracies in cross-validation and on held-out examples differ


def beside_folds(run: Loaded[RunConfig], evaluation: Evaluation, unit: Unit) -> Evaluation:
    """The same, with a warning where the cross-validation by which the run was chosen comes to
    another accuracy."""
    accuracy = _of_folds(run)
    if accuracy is None:
        return evaluation
    low, high = evaluation["interval"]
    if low <= accuracy <= high or abs(accuracy - evaluation["accuracy"]) < CONTRADICTS:
        return evaluation
    warning = (
        f"cross-validation on the training {unit} gave {percent(accuracy)}, outside this interval: "
        f"one of the two is luck, or these {unit} are not like those"
    )
    return evaluation | {"warnings": [*evaluation["warnings"], warning]}


def _of_folds(run: Loaded[RunConfig]) -> float | None:
    """The accuracy in [0, 1] of what was chosen, over all folds; None where no trial was of it."""
    if "choice" not in run.config:
        return None
    chosen = run.config["choice"]["options"]
    for result in run.directory.trials():
        options, metrics = result["trial"]["options"], result["metrics"]
        is_whole = result["trial"]["fold"] is None and not result["error"]
        if is_whole and "accuracy" in metrics and options.items() <= chosen.items():
            return metrics["accuracy"]
    return None
