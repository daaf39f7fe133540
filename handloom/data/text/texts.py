"""Labelled texts cut into splits, and what a user should know of them."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from handloom.data.io.labels import alike_notes, class_order, few_notes
from handloom.data.text.rows import Rows, TextReading
from handloom.data.text.sameness import division_keys, marks_notes, normalized, telling_note
from handloom.data.text.source import read_rows
from handloom.division.folds import folds
from handloom.division.hold_out import first_rows, hold_out, permuted
from handloom.division.kept import kept_sides
from handloom.division.sample import class_by_class, others
from handloom.division.splits import TEST, TRAIN, VALID, Divided, Uncorrected
from handloom.errors import UserError
from handloom.wording import are, pluralize

MOST_LISTED = 12  # classes with their counts in a note


@dataclass(frozen=True)
class Texts:
    """Some texts; label: int64 (N,), places in the classes, or None where there are none."""

    text: list[str]
    label: Tensor | None

    def relabelled(self, label: Tensor, classes: tuple[str, ...]) -> "Texts":
        """The same texts with other labels, int64 (N,); the classes are those of their set."""
        return Texts(self.text, label)

    def subset(self, rows: Tensor) -> "Texts":
        """Those at `rows`, int64 (M,)."""
        label = None if self.label is None else self.label[rows]
        return Texts([self.text[i] for i in rows.tolist()], label)

    def __len__(self) -> int:
        return len(self.text)


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


def same_texts(texts: Sequence[str]) -> list[int]:
    """A number for each text, the row of the first, the same for those that count as the same."""
    keys = division_keys(texts)
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    return [first[key] for key in keys]


@dataclass(frozen=True)
class Cut:
    """How texts are cut into splits where the data do not say.

    validation, test: shares of the whole, stratified, the same text always on one side.
    in_order: instead, the first 1 - validation of the texts are for training, the rest validate;
        of each class the same share, where they lie class by class.
    valid_file, test_file: data of their own for these splits.
    side_of: gives the split that a text had in an earlier division, which this one goes on from.
    """

    validation: float = 0.1
    test: float = 0.1
    seed: int = 0
    in_order: bool = False
    valid_file: str | None = None
    test_file: str | None = None
    side_of: Callable[[str], str | None] | None = None


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
    splits = _split_texts(split, everything, cut)
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


def _split_texts(split: list[str | None] | None, whole: Texts, cut: Cut) -> dict[str, Texts]:
    """Train, valid and test; splits that the data have win over shares."""
    given = split or [TRAIN] * len(whole)
    rows = {
        name: torch.tensor([i for i, s in enumerate(given) if s == name], dtype=torch.int64)
        for name in (TRAIN, VALID, TEST)
    }
    if cut.in_order:
        if not len(rows[VALID]) and cut.validation:
            train, label = rows[TRAIN], _labels(whole)[rows[TRAIN]]
            amount = int(len(train) * (1 - cut.validation))
            first, others = first_rows(len(train), amount, label)
            rows[TRAIN], rows[VALID] = train[first], train[others]
    else:
        for name, share in ((TEST, cut.test), (VALID, cut.validation)):
            if share and not len(rows[name]):
                rows[TRAIN], rows[name] = _taken(whole, rows[TRAIN], share, cut.seed)
        rows |= _kept(whole, rows, given, cut)
    parts = {name: whole.subset(chosen) for name, chosen in rows.items() if len(chosen)}
    learned = 0 if TRAIN not in parts else len(_labels(parts[TRAIN]).unique())
    if learned < 2:
        raise UserError(
            f"of {pluralize(len(whole), 'text')}, those left for training are of "
            f"{pluralize(learned, 'class')}: give more texts, or a smaller --validation or "
            "--test-share, 0 for none"
        )
    return parts


def _kept(
    whole: Texts, rows: dict[str, Tensor], given: Sequence[str | None], cut: Cut
) -> dict[str, Tensor]:
    """The rows of the splits that are cut from the training part, where texts keep the sides of an
    earlier division."""
    taken = {name for name in (VALID, TEST) if len(rows[name]) and name not in given}
    if cut.side_of is None or not taken:
        return {}
    usual = {row: name for name in (TRAIN, *taken) for row in rows[name].tolist()}
    places, group = sorted(usual), same_texts(whole.text)
    split = kept_sides(
        [usual[row] for row in places], [cut.side_of(whole.text[row]) for row in places],
        [group[row] for row in places], taken,
    )  # fmt: skip
    return {
        name: torch.tensor([row for row, own in zip(places, split, strict=True) if own == name],
                           dtype=torch.int64)
        for name in (TRAIN, *taken)
    }  # fmt: skip


def _taken(whole: Texts, rows: Tensor, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """`rows` without, and with only, a stratified share of the whole."""
    assert whole.label is not None
    keys = division_keys(whole.text)
    group = {key: i for i, key in enumerate(keys)}
    groups = np.array([group[keys[i]] for i in rows.tolist()])
    amount = max(1, round(share * len(whole)))
    chosen = torch.from_numpy(hold_out(whole.label[rows].numpy(), groups, amount, seed))
    return rows[others(len(rows), chosen)], rows[chosen]


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
