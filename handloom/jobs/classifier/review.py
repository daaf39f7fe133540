"""What a person should look at in the data of a finished run, and the lines of mistakes.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import torch

from handloom.jobs.classification.mistakes import written_like
from handloom.jobs.classifier.answers import Answers, held_out, of_training_images
from handloom.jobs.classifier.faults import Faults, faults_of, label_of, places_by_name
from handloom.jobs.classifier.mistakes import (
    MISTAKE,
    WRONG_LABEL,
    Mistake,
    duplicate_of,
)
from handloom.jobs.images.contents import contents
from handloom.metrics.confident_learning import wrong_labels

if TYPE_CHECKING:
    from handloom.data.images.dataset import Broken, DataSet
    from handloom.jobs.classifier.records import Record
    from handloom.jobs.loading import Loaded

NOTHING = -1  # in place of a predicted class


class ImageAnswer(NamedTuple):
    """An image of a split: the place among its images, its class, and what was answered.

    likely: the class that its label should probably be; None where the label is not in doubt.
    """

    split: str
    row: int
    label: int
    predicted: int
    confidence: float
    likely: int | None = None


class Copy(NamedTuple):
    """An image, and one of the same content in another split or with another label.

    The first is not a training image, where one of them is not.
    """

    split: str
    row: int
    other_split: str
    other_row: int

    @property
    def is_across(self) -> bool:
        """Whether the two stand in different splits."""
        return self.split != self.other_split


class Review(NamedTuple):
    """Likely wrong labels, the likeliest first; mistakes, the most confident first; copies.

    answers: what they come from. A mistake is of the network itself, on held-out images. faults:
    what is certainly wrong with the labels of a table, and images that could not be used.
    """

    answers: list[Answers]
    wrong_labels: list[ImageAnswer]
    mistakes: list[ImageAnswer]
    copies: list[Copy]
    faults: Faults


def reviewed(run: Loaded[Record], data: DataSet) -> Review:
    """Look at everything the run has answers for."""
    by_network, by_heads = held_out(run, data), of_training_images(run, data)
    if by_heads is not None and run.config.get("temperature_source") == "folds":  # of such heads
        by_heads = replace(by_heads, temperature=run.config["temperature"])
    groups = [by_network, [by_heads] if by_heads is not None else []]
    suspects = sorted(
        (entry for group in groups for entry in _suspects(group)), key=lambda entry: -entry[0]
    )
    mistakes = [
        _answer(answers, place)
        for answers in by_network
        for place in torch.nonzero(answers.predicted != answers.label)[:, 0].tolist()
    ]
    return Review(
        [answers for group in groups for answers in group],
        [answer for _, answer in suspects],
        sorted(mistakes, key=lambda answer: -answer.confidence),
        list(_copies(data)),
        faults_of(data),
    )


def lines(run: Loaded[Record], data: DataSet, review: Review) -> list[Mistake]:
    """The lines of mistakes.csv: an image once. What is certainly wrong comes first: equal images
    with two labels, images with two labels in a table, classes that are written alike. Then likely
    wrong labels, other copies, mistakes, and what could not be used."""
    classes = run.config["classes"]
    made: dict[tuple[str, int], Mistake] = {}
    likely = {answer[:2]: answer.likely for answer in review.wrong_labels}
    for place, name in review.faults.equal.items():
        answer = _answered(review.answers, data, *place)._replace(likely=likely.get(place))
        made[place] = _line(classes, data, answer, duplicate_of(name))
    for place, number in review.faults.alike.items():
        answer = _answered(review.answers, data, *place)._replace(likely=number)
        made.setdefault(place, _line(classes, data, answer, written_like(classes[number])))
    for answer in review.wrong_labels:
        made.setdefault(answer[:2], _line(classes, data, answer, WRONG_LABEL))
    for copy in review.copies:
        answer = _answered(review.answers, data, *copy[:2])
        other = data.splits[copy.other_split].names[copy.other_row]
        made.setdefault(copy[:2], _line(classes, data, answer, duplicate_of(other)))
    for answer in review.mistakes:
        made.setdefault(answer[:2], _line(classes, data, answer, MISTAKE))
    broken = [(entry, _unusable(entry)) for entry in data.broken]
    first = [line for entry, line in broken if entry.has_several_labels]
    last = [line for entry, line in broken if not entry.has_several_labels]
    equal = len(review.faults.equal)
    rest = list(made.values())
    return [*rest[:equal], *first, *rest[equal:], *last]


def _unusable(entry: Broken) -> Mistake:
    """The line of an image that could not be used."""
    return Mistake(entry.path, "", "", "", "", "", "", entry.reason)


def _suspects(group: Sequence[Answers]) -> Iterator[tuple[float, ImageAnswer]]:
    """Likely wrong labels among answers of one kind, with how much more probable another is."""
    group = [answers for answers in group if answers.is_telling]
    if not group:
        return
    probability = torch.cat([answers.probability for answers in group])
    label = torch.cat([answers.label for answers in group])
    place = [(answers, row) for answers in group for row in range(len(answers.rows))]
    suspects = wrong_labels(probability, label)
    for row, likely, margin in zip(*(part.tolist() for part in suspects), strict=True):
        answers, inside = place[row]
        yield margin, _answer(answers, inside)._replace(likely=likely)


def _answer(answers: Answers, place: int) -> ImageAnswer:
    return ImageAnswer(
        answers.split,
        int(answers.rows[place]),
        int(answers.label[place]),
        int(answers.predicted[place]),
        float(answers.confidence[place]),
    )


def _answered(answers: Sequence[Answers], data: DataSet, split: str, row: int) -> ImageAnswer:
    """What was answered for an image; of a training image perhaps nothing."""
    for part in answers:
        if part.split == split and bool((part.rows == row).any()):
            return _answer(part, int((part.rows == row).int().argmax()))
    label = data.splits[split].label
    assert label is not None
    return ImageAnswer(split, row, int(label[row]), NOTHING, 0.0)


def _line(classes: Sequence[str], data: DataSet, answer: ImageAnswer, problem: str) -> Mistake:
    images = data.splits[answer.split]
    return Mistake(
        file=images.names[answer.row],
        content=contents(images, data.digests, [answer.row])[0],
        split=answer.split,
        label=classes[answer.label],
        predicted="" if answer.predicted == NOTHING else classes[answer.predicted],
        confidence="" if answer.predicted == NOTHING else f"{answer.confidence:.6f}",
        likely_label="" if answer.likely is None else classes[answer.likely],
        problem=problem,
    )


def _copies(data: DataSet) -> Iterator[Copy]:
    """Copies in another split or with another label, each image beside one other."""
    place = places_by_name(data)
    for names in data.duplicates:
        members = [place[name] for name in names if name in place]
        members.sort(key=lambda member: member[0] != "train")
        for number, mine in enumerate(members):
            label = label_of(data, mine)
            other = next(
                (m for m in members[:number] if m[0] != mine[0] or label_of(data, m) != label), None
            )
            if other is not None:
                yield Copy(*mine, *other)
