"""Cells of a target column as classes: what is no class, and what only looks like one."""

import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

from handloom.errors import UserError
from handloom.wording import join_and

MISSING = ("na", "n/a", "#n/a", "nan", "null", "none", "<na>", "nil")
MOST_FRACTIONS = 20  # different numbers with a fraction; ratings in halves are 10
MOST_NUMBERS = 100
CONFIRM = "--classes-as-written"


def read_labels(target: list[str], source: Path | str, as_written: bool) -> list[str]:
    """The classes of cells, empty where there is none.

    Names equal under Unicode's NFC are one class, and so are whole numbers written 1 and 1.0.
    Unless `as_written`, it raises UserError for hundreds of numbers, cells that hold several
    labels, names that read like missing values, and a class for nearly every row.
    """
    names = [unicodedata.normalize("NFC", name) for name in target]
    numbers = _numbers(names)
    if numbers is not None and all(number.is_integer() for number in numbers.values()):
        names = [f"{numbers[name]:.0f}" if name else "" for name in names]
    if not as_written:
        counts = Counter(name for name in names if name)
        _refuse_missing(counts, source)
        _refuse_numbers(counts, numbers, source)
        _refuse_several(counts, source)
        _refuse_unique(counts, source)
    return names


def alike_note(classes: tuple[str, ...]) -> str:
    """A sentence on classes that differ by letter case or spaces alone, or nothing."""
    alike = defaultdict(list)
    for name in classes:
        alike["".join(name.casefold().split())].append(f"'{name}'")
    doubled = [join_and(names) for names in alike.values() if len(names) > 1]
    if not doubled:
        return ""
    return f"classes that differ by letter case or spaces alone: {'; '.join(doubled[:5])}"


def same_class(name: str, classes: dict[str, int]) -> int | None:
    """The place of a class, by its name or as a number of the same value; None for another one."""
    name = unicodedata.normalize("NFC", name)
    if name in classes:
        return classes[name]
    number = _number(name)
    if number is None:
        return None
    return next((place for other, place in classes.items() if _number(other) == number), None)


def _numbers(names: list[str]) -> dict[str, float] | None:
    """Every different name as a number, or None where one is none."""
    numbers: dict[str, float] = {}
    for name in set(names) - {""}:
        number = _number(name)
        if number is None:
            return None
        numbers[name] = number
    return numbers


def _number(name: str) -> float | None:
    try:
        number = float(name)
    except ValueError:
        return None
    return number if number - number == 0 and "_" not in name else None


def _refuse_missing(counts: Counter[str], source: Path | str) -> None:
    missing = [name for name in counts if name.casefold() in MISSING]
    if missing:
        rows = sum(counts[name] for name in missing)
        named = join_and([f"'{name}'" for name in missing])
        raise UserError(
            f"{rows:,} rows of '{source}' have the target {named}, which reads like a missing "
            f"value: empty those cells to leave the rows out, or add {CONFIRM} to take it as a "
            "class"
        )


def _refuse_numbers(
    counts: Counter[str], numbers: dict[str, float] | None, source: Path | str
) -> None:
    if not numbers:
        return
    has_fractions = not all(number.is_integer() for number in numbers.values())
    few = MOST_FRACTIONS if has_fractions else max(MOST_NUMBERS, sum(counts.values()) // 10)
    if len(counts) > few:
        shown = ", ".join(sorted(counts, key=float)[:3])
        raise UserError(
            f"the target of '{source}' holds {len(counts):,} different numbers ({shown}, ...), "
            "which look like measurements, not classes: group them into classes, or add "
            f"{CONFIRM} to take every number as a class"
        )


def _refuse_several(counts: Counter[str], source: Path | str) -> None:
    """Cells that are made of other cells: 'bar, disc' where 'bar' and 'disc' stand alone, or the
    same labels in another order."""
    for separator in ("|", ";", ",", " "):
        pieces = {
            name: [piece.strip() for piece in name.split(separator) if piece.strip()]
            for name in counts
            if separator in name
        }
        orders = Counter(frozenset(p) for p in pieces.values() if len(set(p)) > 1)
        for name, held in pieces.items():
            several = len(set(held)) > 1
            if several and (set(held) <= set(counts) or orders[frozenset(held)] > 1):
                raise UserError(
                    f"the target '{name}' in '{source}' reads like several classes "
                    f"({', '.join(held[:4])}), and a text has one: keep one of them in each cell, "
                    f"or add {CONFIRM} to take the whole cell as a class"
                )


def _refuse_unique(counts: Counter[str], source: Path | str) -> None:
    rows = sum(counts.values())
    if rows >= 20 and len(counts) > rows / 2:
        raise UserError(
            f"the target of '{source}' has {len(counts):,} different values in {rows:,} rows: name "
            f"the column of classes with --target-column, or add {CONFIRM}"
        )
