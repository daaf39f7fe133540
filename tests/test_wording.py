"""Plurals, articles and lists."""

import re

import pytest

from handloom.wording import (
    are,
    join_and,
    join_or,
    kind_and_reason,
    nearest,
    not_used,
    pluralize,
    reason,
    suggestion,
    with_article,
)


@pytest.mark.parametrize(
    ("number", "noun", "says"),
    [
        (0, "image", "0 images"),
        (1, "broken image", "1 broken image"),
        (2000, "epoch", "2,000 epochs"),
        (3, "class", "3 classes"),
    ],
)
def test_counted(number: int, noun: str, says: str) -> None:
    assert pluralize(number, noun) == says
    assert are(number) == ("is" if number == 1 else "are")


def test_articles_and_lists() -> None:
    assert (with_article("vae"), with_article("autoencoder")) == ("a vae", "an autoencoder")
    assert join_and(["sample"]) == "sample"
    assert join_and(["evaluate", "predict"]) == "evaluate and predict"
    assert join_and(["sample", "encode", "report"]) == "sample, encode and report"
    assert join_or([".png", ".jpg", ".webp"]) == ".png, .jpg or .webp"
    assert (join_or([".csv"]), join_or([])) == (".csv", "")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("trian", "train"), ("Text_Classifier", "text-classifier"), ("batch-size", "batch"),
     ("steps", None), ("", None), ("1,0", None), ("8", None)],
)  # fmt: skip
def test_nearest(typed: str, meant: str | None) -> None:
    assert nearest(typed, ["train", "text-classifier", "batch", "scales", "1,00", "88"]) == meant


def test_the_reason_of_an_error_is_never_empty() -> None:
    assert reason(ValueError("a\n  b.")) == "a b"
    assert reason(ValueError("abc"), 2) == "ab"
    assert reason(KeyError()) == kind_and_reason(KeyError()) == "KeyError"
    assert kind_and_reason(KeyError("size")) == "KeyError: 'size'"
    with pytest.raises(AssertionError) as raised:
        raise AssertionError
    assert re.fullmatch(r"AssertionError in tests/test_wording.py, line \d+", reason(raised.value))


def test_suggestion_names_one_or_all() -> None:
    assert suggestion("trian", ["train", "runs"]) == "did you mean 'train'?"
    assert suggestion("x", ["train", "runs"]) == "choose one of train, runs"


def test_options_that_mean_nothing_here() -> None:
    options = {"splits": "none", "group": "", "text_column": "a"}
    assert not_used(options, ("group",), "there is none") == []
    one = not_used(options, ("group", "splits"), "it is a set")
    assert one == ["--splits is not used: it is a set"]
    both = not_used(options, ("splits", "text_column"), "it is a folder")
    assert both == ["--splits and --text-column are not used: it is a folder"]
