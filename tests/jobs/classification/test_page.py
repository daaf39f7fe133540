"""How good a classifier is, in words, and when leaving out doubtful answers is worth a sentence."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from markupsafe import Markup

from handloom.jobs.classification.evaluation import measured
from handloom.jobs.classification.page import (
    abstaining,
    figure,
    goodness,
    sections,
    worth_abstaining,
)

CLASSES = ["cat", "<b>dog</b>"]


def evaluation(right: int, wrong: int, split: str = "test", unsure: float = 0.2) -> dict[str, Any]:
    """So many answers, half of them cats; wrong ones are less sure by default."""
    label = torch.arange(right + wrong) % 2
    is_right = torch.arange(right + wrong) < right
    sure = torch.where(is_right, 3.0, unsure)[:, None]
    answer = torch.where(is_right, label, 1 - label)
    logits = sure * torch.nn.functional.one_hot(answer, 2)
    return {"split": split} | measured(logits, label, CLASSES, "images")


def test_many_images_and_few() -> None:
    sentence = goodness(evaluation(1800, 200), "images")
    assert "right on 90.0 % of the 2,000 test images" in sentence
    assert "95 % interval 88.6 to 91.2 %" in sentence
    assert "cannot tell" not in sentence
    assert "10 images cannot tell" in goodness(evaluation(9, 1), "images")


def test_what_chose_the_epoch_is_said_to_flatter() -> None:
    entry = evaluation(18, 2, "valid") | {"optimistic": True}
    assert "optimistic" in goodness(entry, "images")
    assert "validation images" in goodness(entry, "images")


def test_doubtful_answers_are_worth_leaving_out_where_they_are_the_wrong_ones() -> None:
    entry = worth_abstaining(evaluation(160, 40))
    assert entry is not None
    assert entry["interval"][0] >= 0.95
    assert entry["accuracy"] >= 0.95
    assert entry["answered"] >= 0.8
    assert worth_abstaining(evaluation(160, 40, unsure=3.0)) is None, "as sure when wrong"
    assert worth_abstaining(evaluation(196, 4)) is None, "nearly all are right"


def test_a_threshold_that_few_answers_cannot_show_is_not_advised() -> None:
    """44 right of 44 may be 92 % elsewhere, and the threshold was chosen for it."""
    few = evaluation(44, 36)
    assert max(entry["accuracy"] for entry in few["abstention"]) == 1
    assert worth_abstaining(few) is None


def test_a_threshold_is_chosen_by_folds_where_there_are_such() -> None:
    run: Any = SimpleNamespace(directory=SimpleNamespace(path=Path("runs/a")))
    few, many = evaluation(44, 36), evaluation(260, 60)
    assert abstaining(run, few, "images", "NEW") == []
    (advice,) = abstaining(run, few, "images", "NEW", by_folds=many)
    entry = worth_abstaining(many)
    assert entry is not None
    assert f"--abstain-below {entry['threshold']:g}" in advice
    assert "of the 320 training images, by folds" in advice


def test_names_of_classes_are_escaped_everywhere() -> None:
    entry = evaluation(30, 12)
    parts = sections(entry, CLASSES, "images", {(0, 1): Markup("<i>shown</i>")})
    whole = Markup("").join([*(part.body for part in parts), figure(entry)])
    assert "<b>dog" not in whole
    assert "<i>shown</i>" in whole
    assert [part.title for part in parts][:2] == ["Confusion", "Classes"]
