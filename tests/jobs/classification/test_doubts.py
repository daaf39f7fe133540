"""What makes the figures of an evaluation doubtful."""

from typing import Any

from handloom.jobs.classification.doubts import beside_folds
from handloom.jobs.loading import Loaded
from handloom.runs.directory import RunDirectory


def chosen_by_folds(path: Any, accuracy: float) -> Any:
    run = RunDirectory(path)
    trial: Any = {"name": "head", "options": {"tune": "head"}, "fold": None}
    fold: Any = {"name": "fold", "options": {"tune": "head"}, "fold": 0}
    for record, value in ((fold, 0.1), (trial, accuracy)):
        run.append_trial({"trial": record, "metrics": {"accuracy": value}, "seconds": 1.0,
                          "error": None, "details": {}})  # fmt: skip
    loaded: Any = Loaded.__new__(Loaded)
    config = {"choice": {"options": {"tune": "head", "strength": 0.1}, "reason": ""}}
    vars(loaded).update(directory=run, config=config)
    return loaded


def test_a_cross_validation_that_came_to_something_else_is_said(tmp_path: Any) -> None:
    run = chosen_by_folds(tmp_path, 0.475)
    evaluation: Any = {"accuracy": 0.97, "interval": [0.48, 1.0], "warnings": ["few"]}
    few, folds = beside_folds(run, evaluation, "images")["warnings"]
    assert (few, folds.partition(",")[0]) == (
        "few", "cross-validation on the training images gave 47.50 %"
    )  # fmt: skip
    within: Any = evaluation | {"interval": [0.45, 1.0]}
    assert beside_folds(run, within, "images") == within
    near: Any = evaluation | {"accuracy": 0.5, "interval": [0.49, 0.51]}  # of many images
    assert beside_folds(run, near, "images") == near
