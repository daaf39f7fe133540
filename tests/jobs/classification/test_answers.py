"""What is answered: the likeliest classes, and nothing where no class is likely enough."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.jobs.classification.answers import (
    AnswerOptions,
    answered,
    likeliest,
    row,
    share_answered,
)
from handloom.jobs.results import Predictions, is_wrong, shares_right


def prediction(name: str, values: list[float], actual: str | None = None) -> dict[str, Any]:
    probabilities = dict(zip("abcdef", values, strict=False))
    best = max(probabilities, key=lambda name: probabilities[name])
    known = {} if actual is None else {"actual": actual}
    return {"input": name, "label": best, "probability": probabilities[best], **known,
            "probabilities": probabilities}  # fmt: skip


MADE = Predictions(
    [
        prediction("sure", [0.9, 0.1, 0.0], "a"),
        prediction("sure and wrong", [0.1, 0.8, 0.1], "c"),
        prediction("unsure", [0.4, 0.3, 0.3], "a"),
        prediction("unsure and wrong", [0.3, 0.3, 0.4], "a"),
        prediction("unknown", [0.2, 0.5, 0.3]),
        {"input": "broken", "error": "it is empty"},
    ],
    ["a note"],
)


def test_without_options_nothing_changes() -> None:
    assert answered(MADE, AnswerOptions(), None) == MADE
    assert share_answered(MADE) is None


def test_an_unsure_prediction_is_no_answer() -> None:
    made = answered(MADE, AnswerOptions(abstain_below=0.5), 1.0)
    assert [record.get("label") for record in made] == ["a", "b", None, None, "b", None]
    assert [record.get("abstained") for record in made] == [False, False, True, True, False, None]
    assert made.notes == ("a note",)
    assert MADE[2]["label"] == "a"  # what was given is left as it was
    assert [is_wrong(record) for record in made] == [False, True, False, False, False, False]
    assert share_answered(made) == (3, 5, 2, 1)
    ((split, right, known, _, _),) = shares_right(made)
    assert (split, right, known) == (None, 1, 2)


def test_probabilities_that_are_not_calibrated_are_said_to_be() -> None:
    notes = answered(MADE, AnswerOptions(abstain_below=0.9), None).notes
    assert "not calibrated" in notes[1]
    assert "at 0.9 and above need not be right in 90.00 % of cases" in notes[1]
    assert answered(MADE, AnswerOptions(top=2), None).notes == ("a note",)


def test_the_likeliest_take_the_place_of_all() -> None:
    made = answered(MADE, AnswerOptions(top=2, abstain_below=0.5), 1.0)
    assert made[0]["top"] == [
        {"label": "a", "probability": 0.9},
        {"label": "b", "probability": 0.1},
    ]
    assert "probabilities" not in made[0]
    assert likeliest(made[2])[0]["label"] == "a"
    assert row(made[0]) == {
        "input": "sure", "label": "a", "probability": 0.9, "actual": "a", "abstained": False,
        "top1": "a", "top1_probability": 0.9, "top2": "b", "top2_probability": 0.1,
    }  # fmt: skip
    assert row(MADE[4]) == {
        "input": "unknown", "label": "b", "probability": 0.5, "a": 0.2, "b": 0.5, "c": 0.3
    }  # fmt: skip
    assert row(made[-1]) == MADE[-1]


def test_a_class_named_like_a_column_has_a_column_of_its_own() -> None:
    known = {"input": "x", "label": "ok", "probability": 0.6, "ham": "a column of the table"}
    record = known | {"probabilities": {"ok": 0.6, "error": 0.2, "label": 0.1, "ham": 0.1}}
    assert row(record) == known | {
        "ok": 0.6, "error (class)": 0.2, "label (class)": 0.1, "ham (class)": 0.1
    }  # fmt: skip


def test_more_than_all_classes_are_all_classes() -> None:
    made = answered(MADE, AnswerOptions(top=99), 1.0)
    assert [entry["label"] for entry in made[4]["top"]] == ["b", "c", "a"]


@given(st.lists(st.lists(st.floats(0, 1), min_size=2, max_size=6), min_size=1), st.floats(0, 1))
def test_answers_are_those_that_reach_the_threshold(
    values: list[list[float]], threshold: float
) -> None:
    records = [prediction(str(number), some) for number, some in enumerate(values)]
    made = answered(Predictions(records), AnswerOptions(abstain_below=threshold), 1.0)
    for record, some in zip(made, values, strict=True):
        assert record["abstained"] == (max(some) < threshold)
        assert (record["label"] is None) == record["abstained"]
    share = share_answered(made)
    assert share is not None
    assert share.answered == sum(max(some) >= threshold for some in values)


@pytest.mark.parametrize("count", [1, 3])
def test_the_first_is_the_label(count: int) -> None:
    made = answered(MADE, AnswerOptions(top=count), 1.0)
    assert all(record["top"][0]["label"] == record["label"] for record in made[:-1])


@pytest.mark.parametrize("others", [["C", "cow", ""], ["x"], [""]])
def test_labels_of_other_classes_are_neither_right_nor_wrong(others: list[str]) -> None:
    made = answered(
        Predictions([prediction("one", [0.9, 0.1], name) for name in ["a", "b", *others]]),
        AnswerOptions(), 1.0,
    )  # fmt: skip
    ((_, right, known, _, _),) = shares_right(made)
    assert (right, known) == (1, 2)
    assert [record.get("actual") for record in made] == ["a", "b", *[None] * len(others)]
    named = [name for name in others if name]
    assert any(f"{len(named)} input" in note for note in made.notes) == bool(named)
    assert all(f"'{name}'" in made.notes[0] for name in named)
