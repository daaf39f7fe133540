"""What is certainly wrong in the labels of images, whatever a network answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from handloom.data.io.labels import alike_notes
from handloom.jobs.classification.mistakes import rarer_spellings
from handloom.reports.page import Section, table
from handloom.wording import join_and, pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import Broken, DataSet

MOST_SHOWN = 20  # images in the page
ImagePlace = tuple[str, int]  # of an image: split and row


class Faults(NamedTuple):
    """Images by their places, in the order of their groups.

    equal: those that another image is equal to, and is labelled otherwise; that one's name. alike:
    those of a class that is written like a commoner one; its number. notes: sentences on such
    classes. broken: images that could not be used.
    """

    equal: dict[ImagePlace, str]
    alike: dict[ImagePlace, int]
    notes: tuple[str, ...]
    broken: tuple[Broken, ...]

    def to_correct(self) -> list[str]:
        """What there is of each kind that a correction mends, in words."""
        return _counted([
            (len(self.equal), "equal to one with another label"),
            (self._several, "left out with several labels in the table"),
            (len(self.alike), "of a class that is written like another"),
        ])  # fmt: skip

    def in_words(self) -> list[str]:
        """What there is of each kind, in words."""
        unread = len(self.broken) - self._several
        what = "left out since there is no such file, or it cannot be read"
        return [*self.to_correct(), *_counted([(unread, what)])]

    @property
    def _several(self) -> int:
        return sum(entry.has_several_labels for entry in self.broken)


def _counted(kinds: list[tuple[int, str]]) -> list[str]:
    return [f"{pluralize(count, 'image')} {what}" for count, what in kinds if count]


def faults_of(data: DataSet) -> Faults:
    """The faults of a set with labels."""
    counts = [0] * len(data.train.classes)
    for part in data.splits.values():
        assert part.label is not None
        for number in part.label.tolist():
            counts[number] += 1
    rarer = rarer_spellings(data.train.classes, counts)
    alike = {
        (split, row): rarer[number] for split, part in data.splits.items() if part.label is not None
        for row, number in enumerate(part.label.tolist()) if number in rarer
    }  # fmt: skip
    notes = alike_notes(data.train.classes)
    return Faults(dict(_equal(data)), alike, notes, data.broken)


def section(data: DataSet, faults: Faults) -> list[Section]:
    """What a page shows of the faults; nothing where there are none."""
    kinds = faults.in_words()
    if not kinds:
        return []
    text = f"Certain, whatever the network answers: {join_and(kinds)}."
    text = " ".join([text, *(f"{note[0].upper()}{note[1:]}." for note in faults.notes)])
    rows = [[_name(data, place), label_of(data, place), f"equal to {other}, with another label"]
            for place, other in faults.equal.items()]  # fmt: skip
    broken = sorted(faults.broken, key=lambda entry: not entry.has_several_labels)
    rows += [[entry.path, "", entry.reason] for entry in broken]
    if not rows:
        return [Section("Faults in the data", text, Markup(""), "Faults")]
    body = table(["file", "label", "problem"], rows[:MOST_SHOWN])
    if len(rows) > MOST_SHOWN:
        more = Markup('<p class="quiet">and {:,} more, in mistakes.csv</p>')
        body += more.format(len(rows) - MOST_SHOWN)
    return [Section("Faults in the data", text, body, "Faults")]


def _equal(data: DataSet) -> Iterator[tuple[ImagePlace, str]]:
    """Images of groups of equal ones whose labels differ, each with one of another label."""
    place = places_by_name(data)
    for names in data.equal:
        group = [place[name] for name in names if name in place]
        for mine in group:
            label = label_of(data, mine)
            other = next((each for each in group if label_of(data, each) != label), None)
            if other is not None:
                yield mine, _name(data, other)


def places_by_name(data: DataSet) -> dict[str, ImagePlace]:
    """Where each image is, of all splits."""
    return {
        name: (split, row)
        for split, images in data.splits.items()
        for row, name in enumerate(images.names)
    }


def _name(data: DataSet, place: ImagePlace) -> str:
    return data.splits[place[0]].names[place[1]]


def label_of(data: DataSet, place: ImagePlace) -> str:
    """The name of an image's class."""
    images = data.splits[place[0]]
    assert images.label is not None
    return images.classes[int(images.label[place[1]])]
