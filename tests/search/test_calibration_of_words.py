"""Searching by words: their queries, sums with images, and a least score of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.search.calibration_of_words import BACKGROUND, MOST, own_queries
from handloom.search.index import Index
from handloom.search.refresh import Refreshed
from handloom.search.sheet import Row, sheet
from tests.search.conftest import entry

Run = Callable[..., tuple[Index, Refreshed]]


def test_words_find_images(refreshed: Run) -> None:
    index, _ = refreshed("wordy")
    answer = index.search("a red thing", 8)
    assert [each.label for each in answer.results] == ["red"] * 8
    assert (answer.words, answer.query, answer.itself) == ("a red thing", None, None)
    assert sheet([Row(answer)]).width > 0
    assert index.search("a red thing", 1, where="label != 'red'").results[0].label != "red"
    assert index.search("a red thing??", 8).unknown == ("thing??",)
    with pytest.raises(UserError, match="an empty text"):
        index.search("  ")
    with pytest.raises(UserError, match="bytes that are not UTF-8"):
        index.search("a red \udcff thing")


def test_words_and_images_add_up(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed("wordy")
    red = photos / "red" / "0.png"
    shifted = index.search(red, 24, plus=["blue", "blue"], minus=["red", "red"])
    assert {each.label for each in shifted.results[:8]} == {"blue"}
    with pytest.raises(UserError, match="a sum of both: give a number"):
        index.search(red, plus=["blue"], min_score="auto")


def test_a_mistyped_path_is_not_taken_for_words(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed("wordy")
    for query in (str(photos / "red" / "00.png"), "a red thing.jpg"):
        with pytest.raises(UserError, match="does not exist"):
            index.search(query)


def test_the_least_score_is_calibrated_for_words_apart(refreshed: Run) -> None:
    index, _ = refreshed("wordy")
    answer = index.search("a photo of something blue", 24, min_score="auto")
    assert {each.label for each in answer.results} == {"blue"}
    nothing = index.search("the weather of tomorrow", 24, min_score="auto")
    assert nothing.results == ()
    assert nothing.below is not None
    known = answer.calibration
    assert known is not None
    assert known.answered == 1
    assert known.silent > 0.9
    assert index.calibration({"words"}) == known  # kept with the store


def test_own_queries_are_captions_or_labels() -> None:
    labelled = [entry(f"{n}.png", bytes(16), label=f"kind_{n % 3}") for n in range(9)]
    assert own_queries(labelled) == [f"a photo of a kind {n}" for n in range(3)]
    captioned = [each._replace(own=(("Caption", f"number {n}"), ("price", 3.0)))
            for n, each in enumerate(labelled)]  # fmt: skip
    assert own_queries(captioned) == [f"number {n}" for n in range(9)]
    many = [entry(f"{n}.png", bytes(16), label=f"{n}") for n in range(1000)]
    assert len(set(own_queries(many))) == MOST
    assert own_queries([labelled[0]._replace(label=None)]) == []
    assert len(set(BACKGROUND)) == 64
