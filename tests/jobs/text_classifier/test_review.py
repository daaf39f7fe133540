"""Which texts a person should look at, and in which order."""

import torch

from handloom.data.text.cut import Texts
from handloom.data.text.texts import TextSet
from handloom.jobs.text_classifier.mistakes import MISTAKE, WRONG_LABEL
from handloom.jobs.text_classifier.review import Suspect, TextAnswers, lines, suspects

CLASSES = ("neg", "pos")


def part(*rows: tuple[str, int]) -> Texts:
    return Texts([text for text, _ in rows], torch.tensor([label for _, label in rows]))


def whole(train: Texts, test: Texts) -> TextSet:
    return TextSet("t", CLASSES, train, None, test, "f", ())


def answers(texts: Texts, *of_pos: float, split: str = "test") -> TextAnswers:
    positive = torch.tensor(of_pos)
    assert texts.label is not None
    rows = torch.arange(len(texts))
    return TextAnswers(split, rows, torch.stack([1 - positive, positive], 1), texts.label)


def test_the_order_of_lines() -> None:
    train = part(("bad", 0), ("Same  text", 1), ("good", 1))
    test = part(("fine", 0), ("same text", 0), ("poor", 1), ("dire", 1))
    made = lines(
        CLASSES, whole(train, test), [answers(test, 0.2, 0.4, 0.3, 0.1)], [Suspect("train", 2, 0)]
    )
    assert [(line.text, line.problem) for line in made] == [
        ("same text", "duplicate in train, labelled pos"),
        ("good", WRONG_LABEL),
        ("dire", MISTAKE),
        ("poor", MISTAKE),
    ]
    assert (made[1].predicted, made[1].confidence, made[1].likely_label) == ("", "", "neg")
    assert (made[2].label, made[2].predicted, made[2].confidence) == ("pos", "neg", "0.900000")


def test_a_text_has_one_line() -> None:
    test = part(("one", 0), ("ONE", 1))
    made = lines(CLASSES, whole(part(("a", 0), ("b", 1)), test), [answers(test, 0.9, 0.2)], [])
    assert [line.problem for line in made] == ["duplicate in test, labelled neg"]


def test_answers_that_are_wrong_too_often_doubt_nothing() -> None:
    test = part(*[(f"text {i}", i % 2) for i in range(40)])
    right = [0.95 if i % 2 else 0.05 for i in range(40)]
    right[0] = 0.97
    assert [s.row for s in suspects([answers(test, *right)])] == [0]
    wrong = [1 - value if i % 3 else value for i, value in enumerate(right)]
    assert suspects([answers(test, *wrong)]) == []
