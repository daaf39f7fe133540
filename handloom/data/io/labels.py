"""Cells of a column of classes: which are not classes, and which only look like them."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from handloom.data.io.numbers import is_missing, number_of, with_point
from handloom.errors import UserError
from handloom.wording import join_and, pluralize

Unclear = Literal["class", "drop"]
MOST_FRACTIONS = 20  # different numbers with a fraction; ratings in halves are 10
MOST_NUMBERS = 100
FEW = 10  # training examples; a class with fewer is worth a note
MOST_NAMED = 5  # classes in notes
MOST_DIFFERENT = 0.5  # share of the rows with a class of their own
MONTH, DAY = r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
YEAR = r"(1[5-9]|20|21)\d\d"
DATE = re.compile(  # 2019-20 is a season and 3.11.1 a version
    rf"({YEAR}[-/]{MONTH}([-/]{DAY})?|{YEAR}\.{MONTH}\.{DAY}"
    rf"|({DAY}(?P<dmy>[-/.]){MONTH}(?P=dmy)|{MONTH}(?P<mdy>[-/]){DAY}(?P=mdy)){YEAR}"
    rf"|({DAY}(?P<short>[-/]){MONTH}(?P=short)|{MONTH}(?P<other>[-/]){DAY}(?P=other))\d\d)"
    r"([T ]\d.*)?$"
)
SEASON = re.compile(rf"({YEAR})[-/](\d\d)$")  # 2009-10 is a month too, and no season is 2009-12
BOOLEAN = {"true": "1", "false": "0"}
SEPARATORS = re.compile(r"\s*[,;|]\s*|\s+")
OPTION = "--unclear-labels"
CONFIRM = f"{OPTION} class"


class Labels(NamedTuple):
    """The class of every cell, "" where there is none, and sentences on what was made of them."""

    names: list[str]
    notes: list[str]


def read_labels(
    cells: Sequence[str],
    source: Path | str,
    unclear: Unclear | None = None,
    where: Sequence[str] = (),
) -> Labels:
    """The classes of cells.

    Names equal under Unicode's NFC are one class, and so are whole numbers written 1 and 1.0.
    unclear: what cells are that read like a missing value (NA, nan, None) or hold several labels: a
    "class" as they are written, or rows to "drop"; with None they raise UserError. Hundreds of
    numbers and a class for nearly every row raise UserError unless they are a "class". where: of
    every cell, such as "line 7", to be named.
    """
    given, merged = [normal(name) for name in cells], list(merged_note(cells))
    if unclear == "class":
        names, notes = _whole_numbers(given)
        return Labels(names, [*merged, *notes])
    dropped = _missing(given, source, unclear, where)
    names, notes = _whole_numbers(["" if name in dropped else name for name in given])
    counts = Counter(name for name in names if name)
    several = _several(counts, source, unclear)
    _refuse_numbers(counts, source)
    _refuse_unique(counts, source)
    names = ["" if name in several else name for name in names]
    notes += _quantity_note(counts)
    lost = [name for name, kept in zip(given, names, strict=True) if name and not kept]
    if lost:
        named = join_and([f"'{name}'" for name in sorted(set(lost))[:4]])
        notes.append(f"{pluralize(len(lost), 'row')} labelled {named} count as unlabelled")
    return Labels(names, [*merged, *notes])


def class_order(names: Iterable[str]) -> tuple[str, ...]:
    """Different names in the order of their numbers, then by letter: 1, 2, 10, a, and not 1, 10."""
    numbers = {name: number_of(name) for name in names}
    return tuple(sorted(numbers, key=lambda name: (_or_last(numbers[name]), name)))


def few_notes(classes: Sequence[str], counts: Sequence[int], noun: str) -> list[str]:
    """Sentences on classes with few training examples or none, the first few by name.

    counts: training examples of each class. noun: of one example, image or text.
    """
    notes = []
    for name, count in zip(classes, counts, strict=True):
        if count == 0:
            notes.append(f"the class '{name}' has no training {noun}")
        elif count == 1:
            notes.append(f"the class '{name}' has a single {noun}, which stays in training")
    if len(notes) > MOST_NAMED:
        notes = [*notes[:MOST_NAMED], f"and {len(notes) - MOST_NAMED:,} more such classes"]
    small = [f"'{name}' has {count}" for name, count in zip(classes, counts, strict=True)
             if 1 < count < FEW]  # fmt: skip
    if len(small) > MOST_NAMED:
        small = [*small[:MOST_NAMED], f"{len(small) - MOST_NAMED:,} more have as few"]
    return [*notes, *([f"few training {noun}s to learn from: {join_and(small)}"] if small else [])]


def normal(name: str) -> str:
    """Unicode's composed form (NFC): "café" from a Mac's archive equals "café" from elsewhere."""
    return unicodedata.normalize("NFC", name)


def merged_note(names: Iterable[str]) -> tuple[str, ...]:
    """A sentence for names that are written in several Unicode forms, of which `normal` makes one.

    `names` are as they are stored.
    """
    stored = sorted(set(names), key=lambda name: (normal(name), name))
    groups = [list(group) for _, group in groupby(stored, key=normal)]
    merged = [normal(group[0]) for group in groups if len(group) > 1]
    if not merged:
        return ()
    names = join_and([f"'{name}'" for name in merged])
    return (f"{names} is written in two Unicode forms and read as one class",)


def alike_notes(classes: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each set of classes that differ by letter case or spaces alone, or are the
    same number (1, 1.0 and True)."""
    kinds = [([f"'{name}'" for name in names], how) for names, how in alike_classes(classes)]
    return tuple(
        f"the classes {join_and(names)} {how} and are "
        f"{pluralize(len(names), 'class')}: rename them if they are meant to be one"
        for names, how in kinds
    )


def alike_classes(classes: Iterable[str]) -> list[tuple[list[str], str]]:
    """The sets of classes that `alike_notes` is about, and in what each of them is alike."""
    by_spelling, valued = defaultdict(list), defaultdict(list)
    for name in classes:
        folded = "".join(name.casefold().split())
        by_spelling[folded].append(name)
        word = BOOLEAN.get(folded, folded)
        if number_of(word) is not None:
            valued[Decimal(word)].append(name)
    is_spelling = {name for names in by_spelling.values() if len(names) > 1 for name in names}
    values = [
        names for names in valued.values() if not all(name.isdecimal() for name in names)
    ]  # 007 and 7 are names
    kinds = [(names, "differ by letter case or spaces alone") for names in by_spelling.values()]
    kinds += [(names, "are equal as numbers") for names in values if not is_spelling & set(names)]
    return [(names, how) for names, how in kinds if len(names) > 1]


def same_class(name: str, classes: dict[str, int]) -> int | None:
    """The place of a class, by its name or as a number of the same value; None for another one."""
    name = normal(name)
    if name in classes:
        return classes[name]
    if number_of(name) is None:
        return None
    # As decimals: two long identifiers are one float.
    numbers = {
        Decimal(other): place for other, place in classes.items() if number_of(other) is not None
    }
    return numbers.get(Decimal(name))


def _whole_numbers(names: list[str]) -> Labels:
    """Whole numbers without a point, as pandas writes it where a cell is missing.

    Those written without one stay as they are: 007 is another name than 7.
    """
    numbers = _numbers(names)
    if numbers is None or not all(number.is_integer() for number in numbers.values()):
        return Labels(names, [])
    whole = {name: f"{number:.0f}" for name, number in numbers.items() if "." in name}
    notes = [f"labels such as {name} are read as whole numbers: {whole[name]}"
             for name in list(whole)[:1]]  # fmt: skip
    return Labels([whole.get(name, name) for name in names], notes)


def _numbers(names: Iterable[str]) -> dict[str, float] | None:
    """Every different name as a number, or None where one is none."""
    numbers: dict[str, float] = {}
    for name in names:
        if name and name not in numbers:
            number = number_of(name)
            if number is None:
                return None
            numbers[name] = number
    return numbers


def _or_last(number: float | None) -> float:
    return math.inf if number is None else number


def _missing(
    names: list[str], source: Path | str, unclear: Unclear | None, where: Sequence[str]
) -> set[str]:
    """Labels that read like missing values."""
    rows = [row for row, name in enumerate(names) if is_missing(name)]
    missing = dict.fromkeys(names[row] for row in rows)
    if missing and unclear is None:
        first = f" (first: {where[rows[0]]})" if where else ""
        named = join_and([f"'{name}'" for name in missing])
        kind = "the labels" if len(missing) > 1 else "the label"
        raise UserError(
            f"'{source}' has {kind} {named} in {pluralize(len(rows), 'row')}{first}, which may "
            f"be a class or a missing label: say {CONFIRM}, or {OPTION} drop to leave such rows out"
        )
    return set(missing)


def _several(counts: Counter[str], source: Path | str, unclear: Unclear | None) -> set[str]:
    """Labels made of others: 'bar disc' beside 'disc bar', 'bar, disc' beside 'bar' and 'disc'."""
    parts = {name: [part for part in SEPARATORS.split(name) if part] for name in counts}
    parts = {name: held for name, held in parts.items() if len(set(held)) > 1}
    orders = Counter(frozenset(held) for held in parts.values())
    several = [
        name
        for name, held in parts.items()
        if orders[frozenset(held)] > 1 or set(held) <= set(counts) or ";" in name or "|" in name
    ]
    if several and unclear is None:
        shown = join_and([f"'{name}'" for name in several[:2]])
        raise UserError(
            f"'{source}' has several labels in a cell ({shown}), and a classifier gives one: keep "
            f"one in each row, or give {CONFIRM} to take the whole cell as a class, or {OPTION} "
            "drop to leave such rows out"
        )
    return set(several)


def _refuse_numbers(counts: Counter[str], source: Path | str) -> None:
    what = "numbers"
    if len(counts) > 2 and all(map(DATE.match, counts)) and not all(map(_is_season, counts)):
        what, few = "dates", 0
    elif numbers := _numbers(with_point(counts)):
        has_fractions = not all(number.is_integer() for number in numbers.values())
        few = MOST_FRACTIONS if has_fractions else max(MOST_NUMBERS, sum(counts.values()) // 10)
    else:
        return
    if len(counts) > few:
        shown = ", ".join(sorted(counts)[:3])
        raise UserError(
            f"'{source}' has {len(counts):,} different {what} as labels ({shown}, ...), which "
            "look like measurements, not classes: group them into classes, or say "
            f"{CONFIRM} to take each as a class"
        )


def _is_season(name: str) -> bool:
    """Whether a label is a year and the one after it, such as 2009-10."""
    match = SEASON.match(name)
    return match is not None and (int(match[1]) + 1) % 100 == int(match[3])


def _quantity_note(counts: Counter[str]) -> list[str]:
    """A sentence on many whole numbers that do not count classes from 0 or 1 on."""
    numbers = _numbers(counts)
    if numbers is None or len(numbers) <= MOST_FRACTIONS:
        return []
    low, high = min(numbers.values()), max(numbers.values())
    if low in (0, 1) and high - low < len(numbers):
        return []
    return [
        f"the labels are {len(numbers):,} different numbers from {low:g} to {high:g}, each read as "
        "a class of its own: if they are a quantity, group them into ranges"
    ]


def _refuse_unique(counts: Counter[str], source: Path | str) -> None:
    rows = sum(counts.values())
    if rows >= 20 and len(counts) > MOST_DIFFERENT * rows:
        raise UserError(
            f"'{source}' has {len(counts):,} different labels in {rows:,} rows: name the column of "
            f"classes, or give {CONFIRM}"
        )
