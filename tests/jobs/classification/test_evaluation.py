"""What both classifiers say of an evaluation: intervals, the commonest class, unequal classes."""

import pytest
import torch
from torch import Tensor

from handloom.jobs.classification.evaluation import imbalance, measured
from handloom.jobs.classification.lines import evaluation_lines
from handloom.metrics.interval import wilson

CLASSES = ["cat", "dog", "owl"]


def logits_of(predicted: list[int]) -> Tensor:
    return 5 * torch.eye(3)[torch.tensor(predicted)]


def evaluated(predicted: list[int], label: list[int], unit: str = "images") -> dict:  # type: ignore[type-arg]
    record = measured(logits_of(predicted), torch.tensor(label), CLASSES, unit)
    return {"split": "test"} | record


def test_a_record_by_hand() -> None:
    found = evaluated([0, 0, 1, 1, 2], [0, 0, 1, 2, 2])
    assert (found["images"], found["accuracy"]) == (5, 0.8)
    assert (found["majority"], found["majority_class"]) == (0.4, "cat")
    assert found["interval"] == pytest.approx([0.3755, 0.9638], abs=1e-4)  # Wilson, 4 of 5
    assert found["classes"]["dog"] == {
        "images": 1, "predicted": 2, "precision": 0.5, "recall": 1.0,
        "f1": pytest.approx(2 / 3, abs=1e-6), "interval": pytest.approx(wilson(1, 1), abs=1e-6),
    }  # fmt: skip
    assert found["confusion"] == [[0, 0, 2], [1, 1, 1], [2, 1, 1], [2, 2, 1]]


def test_examples_of_few_groups_prove_little() -> None:
    """No interval may count the images of a patient as if each were another patient's."""
    label = torch.tensor([0, 1, 0, 1]).repeat_interleave(8)
    predicted, group = label.clone(), torch.arange(4).repeat_interleave(8)
    predicted[0] = 1
    logits = 5 * torch.eye(3)[predicted]
    record = measured(logits, label, CLASSES, "images", group=group)
    found: dict = {"split": "valid"} | record  # type: ignore[type-arg]
    few = [round(end, 6) for end in wilson(4 * 31 / 32, 4)]
    assert (found["groups"], found["independent"], found["interval"]) == (4, 4, few)
    assert found["abstention"][0]["interval"] == few
    assert found["reliability"][-1]["interval"] == few
    assert found["classes"]["dog"]["interval"] == pytest.approx(wilson(2, 2), abs=1e-6)
    lines = evaluation_lines(found, "images")  # type: ignore[arg-type]
    assert lines[0].startswith("valid: accuracy 96.88 % on 32 images of 4 groups (95 % interval 47")
    assert lines[-1].startswith("32 images of 4 groups cannot show that it beats always naming")


def test_a_few_copies_are_not_worth_a_word() -> None:
    label = torch.tensor([0, 1] * 50)
    group = torch.arange(100)
    group[1] = 0
    record = measured(5 * torch.eye(3)[label], label, CLASSES, "images", group=group)
    found: dict = {"split": "valid"} | record  # type: ignore[type-arg]
    assert found["groups"] == 99
    assert " on 100 images (" in evaluation_lines(found, "images")[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["images", "texts"])
def test_lines_have_the_interval_and_the_commonest_class(unit: str) -> None:
    label = [0, 1, 2] * 40
    lines = evaluation_lines(evaluated([*label[:-1], 0], label, unit), unit)
    assert lines[:2] == [
        f"test: accuracy 99.17 % on 120 {unit} (95 % interval 95.4 to 99.9 %)",
        "for comparison: the commonest class alone 33.33 %",
    ]
    assert lines[2].startswith("macro F1 99.17 %, loss ")


def test_temperature_stands_beside_what_was_before_it() -> None:
    found = evaluated([0, 1], [0, 1]) | {"calibration_before_temperature": 0.25}
    assert "(25.0 % before temperature)" in evaluation_lines(found, "images")[2]
    worse = found | {"calibration": 0.3}
    assert (
        "before temperature, so it made confidence worse here)"
        in evaluation_lines(worse, "images")[2]
    )


def test_a_class_that_is_never_named_has_its_threshold() -> None:
    threshold = {"class": "dog", "used": None, "best": 0.31, "best_f1": 0.4}
    found = evaluated([0, 0, 0], [0, 0, 1]) | {"threshold": threshold}
    assert evaluation_lines(found, "images")[-1].startswith(
        "--threshold 0.31 in evaluate would name 'dog', with an F1 of 40.00 %"
    )
    named = evaluated([0, 0, 1], [0, 0, 1]) | {"threshold": threshold}
    assert not any("--threshold" in line for line in evaluation_lines(named, "images"))


def test_one_class_alone_is_a_warning() -> None:
    found = evaluated([0] * 60, [0] * 20 + [1] * 20 + [2] * 20)
    assert found["warnings"] == [
        "it names no class but 'cat'", "it does not beat always naming 'cat'"
    ]  # fmt: skip
    assert evaluation_lines(found, "images")[-2:] == found["warnings"]


def test_worse_than_the_commonest_class_is_a_warning() -> None:
    label = [0] * 80 + [1] * 20
    found = evaluated([0] * 60 + [1] * 40, label)
    assert found["warnings"] == ["it does not beat always naming 'cat'"]


def test_too_few_to_tell() -> None:
    found = evaluated([0, 0, 0, 1], [0, 0, 1, 1])
    assert found["warnings"] == ["4 images cannot show that it beats always naming 'cat'"]
    found = evaluated([0, 1, 2] * 4, [0, 1, 2] * 4)
    assert found["warnings"] == ["12 images cannot tell 76 % from 100 %"]
    assert not evaluated([0, 1, 2] * 40, [0, 1, 2] * 40)["warnings"]


def test_a_single_class_says_nothing_about_others() -> None:
    found = evaluated([0] * 50 + [1] * 10, [0] * 60)
    assert found["warnings"] == ["all are of class 'cat', so this says nothing about other classes"]


def test_left_out_is_counted() -> None:
    found = evaluated([0, 1], [0, 1], "texts") | {"broken": [{"path": "a", "reason": "b"}]}
    assert "1 row left out" in evaluation_lines(found, "texts")
    found = evaluated([0, 1], [0, 1]) | {"broken": [{}, {}], "unlabelled": 3}
    assert "2 broken left out, 3 unlabelled left out" in evaluation_lines(found, "images")


def test_unequal_classes_are_reported() -> None:
    label = torch.tensor([0] * 50 + [1] * 10 + [2] * 11)
    (note,) = imbalance(label, CLASSES, "images", False)
    assert note.startswith("classes are unequal: 'cat' has 50 training images, 'dog' has 10;")
    assert "--class-weights balanced" in note
    (note,) = imbalance(label, CLASSES, "texts", True)
    assert note.endswith("one of 'dog' weighs 5 times as much")
    assert not imbalance(label[1:], CLASSES, "images", False)
