"""What a person should look at in the texts of a finished run, and the lines of mistakes.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from handloom.data.text.cut import Texts
from handloom.data.text.sameness import normalized
from handloom.data.text.texts import TextSet
from handloom.jobs.classification.mistakes import rarer_spellings, written_like
from handloom.jobs.loading import Loaded
from handloom.jobs.text_classifier.calibration import out_of_fold
from handloom.jobs.text_classifier.config import Resolved
from handloom.jobs.text_classifier.contents import content_of
from handloom.jobs.text_classifier.explain import probabilities_of
from handloom.jobs.text_classifier.folds import FOLDS
from handloom.jobs.text_classifier.mistakes import (
    MISTAKE,
    WRONG_LABEL,
    TextMistake,
    duplicate_of,
)
from handloom.jobs.text_classifier.names import is_solved
from handloom.jobs.text_classifier.records import Record
from handloom.metrics.confident_learning import is_telling, wrong_labels

FEWEST = 10 * FOLDS  # training texts that can be divided into folds


class TextAnswers(NamedTuple):
    """What was answered for texts of a split. rows: int64 (N,), their places in it; probability
    (N, K), label int64 (N,)."""

    split: str
    rows: Tensor
    probability: Tensor
    label: Tensor

    @property
    def is_telling(self) -> bool:
        """Whether what contradicts a label is worth a look."""
        return is_telling(self.probability.argmax(1), self.label)


class Suspect(NamedTuple):
    """A text whose label is likely wrong: its split, place, and the class that it should be."""

    split: str
    row: int
    likely: int


def answered(
    run: Loaded[Record], texts: TextSet, split: str, probability: Tensor
) -> list[TextAnswers]:
    """Those of the held-out split, by the network, and of the training texts, each by a model that
    did not see it; these of a solved model alone, which is fitted anew in moments."""
    part = texts.splits[split]
    assert part.label is not None
    held_out = TextAnswers(split, torch.arange(len(part)), probability, part.label)
    options = run.options(Resolved)
    has_folds = is_solved(options.network) and len(texts.train) >= FEWEST
    if not has_folds or options.preset is not None:
        return [held_out]
    rows, logits, label = out_of_fold(run)
    return [held_out, TextAnswers("train", rows, probabilities_of(run, logits), label)]


def suspects(answers: Sequence[TextAnswers]) -> list[Suspect]:
    """Likely wrong labels by confident learning, the likeliest first."""
    ranked: list[tuple[float, Suspect]] = []
    for part in answers:
        if not part.is_telling:
            continue
        for row, likely, margin in zip(
            *(values.tolist() for values in wrong_labels(part.probability, part.label)),
            strict=True,
        ):
            ranked.append((margin, Suspect(part.split, int(part.rows[row]), likely)))
    return [suspect for _, suspect in sorted(ranked, key=lambda entry: -entry[0])]


def lines(
    classes: Sequence[str], texts: TextSet, answers: Sequence[TextAnswers],
    doubted: Sequence[Suspect],
) -> list[TextMistake]:  # fmt: skip
    """The lines of mistakes.csv: a text once. First those that stand with two labels, and those of
    classes that are written alike; then likely wrong labels, other copies, and the mistakes of the
    network on held-out texts, the most confident first."""
    known = {(part.split, row): (part, place) for part in answers
             for place, row in enumerate(part.rows.tolist())}  # fmt: skip
    made: dict[str, TextMistake] = {}

    def add(split: str, row: int, problem: str, likely: str = "") -> None:
        line = _line(classes, texts.splits[split], split, row, known.get((split, row)))
        made.setdefault(line.content, line._replace(problem=problem, likely_label=likely))

    copies = list(_copies(classes, texts))
    for copy in (copy for copy in copies if copy.is_contradictory):
        add(copy.split, copy.row, copy.problem)
    for split, row, number in _alike(classes, texts):
        add(split, row, written_like(classes[number]), classes[number])
    for suspect in doubted:
        add(suspect.split, suspect.row, WRONG_LABEL, classes[suspect.likely])
    for copy in copies:
        add(copy.split, copy.row, copy.problem)
    held_out = answers[0]
    confidence, predicted = held_out.probability.max(1)
    wrong = (predicted != held_out.label).nonzero()[:, 0]
    for place in wrong[confidence[wrong].argsort(descending=True, stable=True)].tolist():
        add(held_out.split, int(held_out.rows[place]), MISTAKE)
    return list(made.values())


def _line(
    classes: Sequence[str], part: Texts, split: str, row: int,
    answer: tuple[TextAnswers, int] | None,
) -> TextMistake:  # fmt: skip
    assert part.label is not None
    predicted, confidence = "", ""
    if answer is not None:
        value, best = answer[0].probability[answer[1]].max(0)
        predicted, confidence = classes[int(best)], f"{float(value):.6f}"
    return TextMistake(
        text=part.text[row],
        content=content_of(part.text[row]),
        split=split,
        label=classes[int(part.label[row])],
        predicted=predicted,
        confidence=confidence,
        likely_label="",
        problem="",
    )


def _alike(classes: Sequence[str], texts: TextSet) -> Iterator[tuple[str, int, int]]:
    """Split and place of texts of a class that is written like a commoner one, and its number."""
    labels = {split: part.label.tolist() for split, part in texts.splits.items()
              if part.label is not None}  # fmt: skip
    counts = [sum(label.count(n) for label in labels.values()) for n in range(len(classes))]
    rarer = rarer_spellings(classes, counts)
    for split, label in labels.items():
        yield from ((split, row, rarer[n]) for row, n in enumerate(label) if n in rarer)


class _Copy(NamedTuple):
    """A text that stands in another split, or with another label, as well."""

    split: str
    row: int
    problem: str
    is_contradictory: bool


def _copies(classes: Sequence[str], texts: TextSet) -> Iterator[_Copy]:
    first: dict[str, tuple[str, int]] = {}
    for split, part in texts.splits.items():
        assert part.label is not None
        for row, (text, label) in enumerate(zip(part.text, part.label.tolist(), strict=True)):
            other = first.setdefault(normalized(text), (split, label))
            if other != (split, label):
                problem = duplicate_of(other[0], classes[other[1]])
                yield _Copy(split, row, problem, other[1] != label)
