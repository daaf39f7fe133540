"""Labels as cells of a table: missing ones, numbers, several in a cell."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from handloom.data.images.reading import Missing
from handloom.errors import UserError
from handloom.wording import pluralize

LIKE_MISSING = ("na", "n/a", "nan", "none", "null", "nil", "<na>", "#n/a")
SEPARATORS = re.compile(r"\s*[,;|]\s*|\s+")
FIRM = re.compile(r"[;|]")
MOST_NUMBERS = 20  # different fractions as labels; more are a quantity
Labels = list[str | None]


def clean_labels(
    path: Path, cells: Sequence[str], rows: Sequence[int], missing: Missing | None
) -> tuple[Labels, tuple[str, ...]]:
    """Labels of the rows, None where there is none, and sentences on what was made of them.

    An empty cell is no label. `missing` decides what NA, nan and None are. Whole numbers written
    with a point (0.0, as pandas does where a cell is missing) lose it. Raises UserError for words
    that may mean a missing label, for quantities, and for several labels in a cell.
    """
    labels: Labels = [cell or None for cell in cells]
    labels, notes = _without_missing(path, labels, rows, missing)
    labels, more = _without_points(labels)
    _refuse_quantities(path, labels)
    _refuse_several(path, labels)
    return labels, (*notes, *more)


def _without_missing(
    path: Path, labels: Labels, rows: Sequence[int], missing: Missing | None
) -> tuple[Labels, tuple[str, ...]]:
    places = [row for row, label in enumerate(labels) if label and label.lower() in LIKE_MISSING]
    if not places or missing == "class":
        return labels, ()
    words = sorted({str(labels[row]) for row in places})
    if missing is None:
        raise UserError(
            f"'{path}' has the label '{words[0]}' in {pluralize(len(places), 'row')} (first: row "
            f"{rows[places[0]]}), which may be a class or a missing label: decide with "
            "--missing class or --missing drop"
        )
    dropped = set(places)
    note = f"{pluralize(len(places), 'row')} labelled {', '.join(words)} count as unlabelled"
    return [None if row in dropped else label for row, label in enumerate(labels)], (note,)


def _without_points(labels: Labels) -> tuple[Labels, tuple[str, ...]]:
    given = [label for label in labels if label is not None]
    pointed = [label for label in given if re.fullmatch(r"-?\d+\.0+", label)]
    if not pointed or not all(re.fullmatch(r"-?\d+(\.0+)?", label) for label in given):
        return labels, ()
    note = f"labels such as {pointed[0]} are read as whole numbers: {pointed[0].split('.')[0]}"
    return [label and label.split(".")[0] for label in labels], (note,)


def _refuse_quantities(path: Path, labels: Labels) -> None:
    given = {label for label in labels if label is not None}
    fractions = [label for label in given if re.fullmatch(r"-?\d*\.\d+(e-?\d+)?", label)]
    if len(fractions) > MOST_NUMBERS and 2 * len(fractions) > len(given):
        raise UserError(
            f"'{path}' has {len(given):,} different numbers as labels, such as {min(fractions)}: a "
            "classifier needs classes, so give a column of names, or numbers grouped into classes"
        )


def _refuse_several(path: Path, labels: Labels) -> None:
    """Raises UserError where cells hold several labels: "disc bar" beside "bar disc"."""
    count = Counter(label for label in labels if label is not None)
    words = {label: SEPARATORS.split(label) for label in count}
    several = {label: names for label, names in words.items() if len(names) > 1}
    ordered = sorted(several, key=lambda label: (sorted(several[label]), label))
    same = [list(group) for _, group in groupby(ordered, key=lambda label: sorted(several[label]))]
    swapped = next((group for group in same if len(group) > 1), None)
    firm = [label for label in several if FIRM.search(label)]
    built = [label for label in several if all(name in count for name in several[label])]
    example = swapped or firm[:1] or (built[:1] if len(built) > 2 or "," in "".join(built) else [])
    if example:
        shown = " and ".join(f"'{label}'" for label in example[:2])
        raise UserError(
            f"'{path}' has several labels in one cell ({shown}): a classifier gives each image "
            "one, so keep one label per row"
        )
