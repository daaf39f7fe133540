"""Labelled texts cut into splits, and what a user should know of them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from handloom.data.io.labels import alike_notes, class_order, few_notes
from handloom.data.text.cut import Cut, Texts, split_texts
from handloom.data.text.rows import Rows, TextReading
from handloom.data.text.sameness import marks_notes, normalized, same_texts, telling_note
from handloom.data.text.source import read_rows
from handloom.division.folds import folds
from handloom.division.hold_out import permuted
from handloom.division.sample import class_by_class
from handloom.division.splits import TEST, TRAIN, VALID, Divided, Uncorrected
from handloom.errors import UserError
from handloom.wording import are, pluralize

MOST_LISTED = 12  # classes with their counts in a note


@dataclass(frozen=True)
class TextSet(Divided[Texts]):
    """Texts in splits, their classes by name, and notes on how the data were understood.

    own: the splits that the data have themselves. uncorrected: held-out splits before a person
    corrected them, where somebody has. corrections: what those came to, as
    `jobs.classification.corrected.counts` has it. seed: what the texts were divided by.
    """

    name: str
    classes: tuple[str, ...]
    train: Texts
    valid: Texts | None
    test: Texts | None
    fingerprint: str
    notes: tuple[str, ...]
    own: frozenset[str] = frozenset()
    uncorrected: Mapping[str, Uncorrected[Texts]] = field(default_factory=dict)
    corrections: Mapping[str, int] | None = None
    seed: int = 0

    @cached_property
    def group(self) -> list[int]:
        """A number for each training text, the same for those that count as the same text."""
        return same_texts(self.train.text)

    def folds(self, count: int, most: int) -> Tensor:
        """The fold of every training text, int64 (N,), from 0 to below `count`, by the seed; -1 for
        those beyond `most` different ones.

        Classes are dealt out evenly, and the same text always to one fold.
        """
        label = _labels(self.train)
        different = torch.tensor(sorted(set(self.group)))
        order = different[torch.from_numpy(permuted(len(different), self.seed))]
        every = max(1, -(-len(order) // most))
        return folds(label, self.group, class_by_class(order, label)[::every], count)


def load_texts(data: str, cut: Cut, reading: TextReading = TextReading()) -> TextSet:  # noqa: B008 (frozen)
    """Everything `read_rows` reads, in splits. Raises UserError for what a user can mend."""
    rows = _with_files(read_rows(data, reading), cut, reading)
    assert rows.target is not None
    used = [i for i in range(len(rows.text)) if rows.split is None or rows.split[i] is not None]
    kept = [i for i in used if rows.text[i] and rows.target[i]]
    empty = sorted(set(used) - set(kept))
    target = [rows.target[i] for i in kept]
    classes = class_order(target)
    if len(classes) < 2:
        content = f"only one class ('{classes[0]}')" if classes else "no text with a target"
        raise UserError(f"'{data}' has {content}: a classifier needs at least two")
    number = {value: i for i, value in enumerate(classes)}
    everything = Texts([rows.text[i] for i in kept], torch.tensor([number[t] for t in target]))
    split = None if rows.split is None else [rows.split[i] for i in kept]
    splits = split_texts(split, everything, cut)
    notes = [*rows.notes, *_empty_note(empty, rows, reading)]
    if len(used) < len(rows.text):
        unused = pluralize(len(rows.text) - len(used), "row")
        notes.append(f"left out {unused}: not named by --splits")
    notes += _repeated(splits)
    notes += marks_notes({name: part.text for name, part in splits.items()})
    notes += label_notes(splits, classes)
    fingerprint = _fingerprint(everything)
    train, valid, test = (splits.get(name) for name in (TRAIN, VALID, TEST))
    assert train is not None
    own = frozenset(name for name in split or () if name is not None)
    return TextSet(
        rows.name, classes, train, valid, test, fingerprint, tuple(notes), own, seed=cut.seed
    )


def label_notes(splits: dict[str, Texts], classes: tuple[str, ...]) -> list[str]:
    """The sentences on how the labels of texts were understood, which are others once a person has
    corrected some."""
    label = _labels(splits[TRAIN]).tolist()
    return [
        *_contradictory(splits.values(), classes),
        *alike_notes(classes),
        *telling_note(splits[TRAIN].text, label, classes),
        _understood(splits, classes),
        *few_notes(classes, _counts(splits[TRAIN], len(classes)).tolist(), "text"),
    ]


def _with_files(rows: Rows, cut: Cut, reading: TextReading) -> Rows:
    """The rows, and those of files that are a split of their own."""
    files = {VALID: cut.valid_file, TEST: cut.test_file}
    for split, file in files.items():
        if file is None:
            continue
        if rows.split is not None and split in rows.split:
            raise UserError(
                f"--{split} {file}: '{rows.name}' has a {split} split of its own; leave "
                f"--{split} out"
            )
        more = read_rows(file, reading)
        rows.split = (rows.split or [TRAIN] * len(rows.text)) + [split] * len(more.text)
        rows.where += [f"{more.name}, {where}" for where in more.where]
        rows.text = rows.text + more.text
        rows.target = (rows.target or []) + (more.target or [])
        rows.notes += [note for note in more.notes if note not in rows.notes]
    return rows


def _empty_note(empty: list[int], rows: Rows, reading: TextReading) -> list[str]:
    if not empty:
        return []
    what = f"{pluralize(len(empty), 'row')} without text or target (first: {rows.where[empty[0]]})"
    if reading.strict:
        raise UserError(f"'{rows.name}' has {what}: complete them, or leave out --strict")
    return [f"left out {what}"]


def _repeated(splits: dict[str, Texts]) -> list[str]:
    """Texts that stand more than once, and those that are on both sides of a split."""
    keys = {name: [normalized(text) for text in part.text] for name, part in splits.items()}
    total = sum(map(len, keys.values()))
    repeated = total - len({key for part in keys.values() for key in part})
    learned = set(keys[TRAIN])
    notes = []
    for name in (VALID, TEST):
        both = sum(key in learned for key in keys.get(name, []))
        if both:
            notes.append(
                f"{pluralize(both, 'text')} of {name} {are(both)} also in train, so no test of "
                "what was learned"
            )
    if repeated and not notes:
        notes.append(f"{pluralize(repeated, 'repetition')} of texts, kept on one side of the split")
    return notes


def _contradictory(parts: Iterable[Texts], classes: tuple[str, ...]) -> list[str]:
    """The same text with different labels."""
    labels: dict[str, set[int]] = defaultdict(set)
    for part in parts:
        for text, label in zip(part.text, _labels(part).tolist(), strict=True):
            labels[normalized(text)].add(label)
    mixed = [(text, numbers) for text, numbers in labels.items() if len(numbers) > 1]
    if not mixed:
        return []
    text, numbers = mixed[0]
    named = " and ".join(f"'{classes[i]}'" for i in sorted(numbers)[:3])
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return [
        f"{pluralize(len(mixed), 'text')} with contradictory labels, such as '{short}' ({named})"
    ]


def _understood(splits: dict[str, Texts], classes: tuple[str, ...]) -> str:
    """One line: how many texts, in which splits, of which classes."""
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in splits.items())
    count = torch.stack([_counts(part, len(classes)) for part in splits.values()]).sum(0)
    counts = [f"'{n}' {c:,}" for n, c in zip(classes, count.tolist(), strict=True)][:MOST_LISTED]
    more = f", and {len(classes) - MOST_LISTED} more" if len(classes) > MOST_LISTED else ""
    total = pluralize(sum(map(len, splits.values())), "text")
    return f"{total}: {sizes}; {pluralize(len(classes), 'class')}: {', '.join(counts)}{more}"


def _counts(part: Texts, classes: int) -> Tensor:
    return torch.bincount(_labels(part), minlength=classes)


def _labels(part: Texts) -> Tensor:
    assert part.label is not None
    return part.label


def _fingerprint(texts: Texts) -> str:
    assert texts.label is not None
    digest = hashlib.blake2b(texts.label.numpy().tobytes(), digest_size=16)
    for text in texts.text:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()
