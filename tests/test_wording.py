"""Plurals, articles and lists."""

import pytest

from handloom.wording import counted, listed, one


@pytest.mark.parametrize(
    ("number", "noun", "says"),
    [
        (0, "picture", "0 pictures"),
        (1, "broken picture", "1 broken picture"),
        (2000, "epoch", "2,000 epochs"),
        (3, "class", "3 classes"),
    ],
)
def test_counted(number: int, noun: str, says: str) -> None:
    assert counted(number, noun) == says


def test_articles_and_lists() -> None:
    assert (one("vae"), one("autoencoder")) == ("a vae", "an autoencoder")
    assert listed(["sample"]) == "sample"
    assert listed(["evaluate", "predict"]) == "evaluate and predict"
    assert listed(["sample", "encode", "report"]) == "sample, encode and report"
