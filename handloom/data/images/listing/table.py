"""Image files listed in a table: which column is what, and what each row says."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from handloom.data.images.dataset import SEVERAL_LABELS, Broken, LeftOut
from handloom.data.images.listing.columns import Columns, choose_columns
from handloom.data.images.listing.folder import TABLE, Listing, NoLabels, make_listing
from handloom.data.images.listing.places import Places
from handloom.data.images.reading import Reading
from handloom.data.io.labels import read_labels, same_class
from handloom.data.io.table import listed, read_table
from handloom.division.splits import ORDER
from handloom.errors import UserError
from handloom.wording import pluralize


def list_table(path: Path, labelled: bool, reading: Reading | None = None) -> Listing:
    """The images a table names, with their labels and splits.

    Paths are relative to `reading.root` or the table's folder and may not leave it; absolute ones
    are taken as they stand, since whoever wrote them meant them. Rows without a file, or with two
    labels for one image, are broken. Raises UserError where a column cannot be told from others,
    and NoLabels where `labelled` and there is no column of labels.
    """
    reading = reading or Reading()
    table = read_table(path, strict=False)
    if not len(table) and not table.names:
        raise UserError(f"'{path}' is empty: give a table with the columns image,label")
    columns = choose_columns(path, table, reading, labelled)
    table = columns.table
    if not len(table):
        raise UserError(f"'{path}' has no rows: it needs one line for each image")
    if labelled and columns.label is None:
        raise NoLabels(
            f"'{path}' has no column of labels (it has: {listed(table)}): name it "
            "label in the header, or give --label-column"
        )
    split = columns.split or ["train"] * len(table)
    labels: list[str | None] = [None] * len(table)
    notes: tuple[str, ...] = ()
    if labelled:
        labels, notes = _labels(path, columns, reading)
    return _listing(path, columns, reading, split, labels, (*columns.notes, *notes))


def _listing(
    path: Path, columns: Columns, reading: Reading,
    split: list[str | None], labels: list[str | None], notes: tuple[str, ...],
) -> Listing:  # fmt: skip
    places = Places(path, columns.image, reading.root)
    located = [places.find(name) for name in columns.image]
    labels, settled = _settled(columns, labels, dict(reading.settled))
    refused = _contradictions(columns, labels)
    unread = sorted(columns.table.left_out)
    broken, rows = [Broken(f"row {row.line}", f"it {row.reason}") for row in unread], []
    for row, (name, (file, reason)) in enumerate(zip(columns.image, located, strict=True)):
        if split[row] is None or (row in refused and not refused[row]):
            continue
        reason = refused.get(row) or reason
        if file is None or reason:
            broken.append(Broken(name or f"row {columns.table.rows[row]}", reason))
        else:
            rows.append(row)
    if not rows:
        first = f"'{broken[0].path}': {broken[0].reason}" if broken else "--splits leaves none"
        raise UserError(
            f"none of the {pluralize(len(located), 'image')} in '{path}' can be used ({first}): "
            f"paths are relative to '{places.root}'; give another folder with --root"
        )
    rows.sort(key=lambda row: ORDER.index(str(split[row])))
    absent = sum(part is None for part in split)
    broken = list(dict.fromkeys(broken))
    listing = make_listing(
        path.parent, TABLE, [columns.image[row] for row in rows],
        [located[row][0] or path for row in rows], [str(split[row]) for row in rows],
        [labels[row] for row in rows], (*notes, *settled, *places.notes(), *_repeated(refused)),
        [LeftOut("rows", absent, "not named by --splits")] if absent else [],
    )  # fmt: skip
    kept = None if columns.group is None else tuple(columns.group[row] for row in rows)
    others = {name: tuple(cells[row] for row in rows) for name, cells in columns.others().items()}
    return replace(listing, broken=tuple(broken), group=kept, others=others)


def _labels(
    path: Path, columns: Columns, reading: Reading
) -> tuple[list[str | None], tuple[str, ...]]:
    assert columns.label is not None
    where = [f"row {row}" for row in columns.table.rows]
    names, notes = read_labels(columns.label, path, reading.unclear_labels, where)
    if not any(names):
        raise NoLabels(f"'{path}' has no label in any row: fill in its column of labels")
    return [name or None for name in names], tuple(notes)


def _settled(
    columns: Columns, labels: list[str | None], settled: dict[str, str]
) -> tuple[list[str | None], list[str]]:
    """The labels with one alone for images to which a person gave one of the table's classes."""
    known = sorted({label for label in labels if label is not None})
    number = {label: place for place, label in enumerate(known)}
    kinds: dict[str, set[str | None]] = defaultdict(set)
    for name, label in zip(columns.image, labels, strict=True):
        kinds[name].add(label)
    chosen = {
        name: known[place] for name, label in settled.items()
        if (place := same_class(label, number)) is not None
        and len(kinds.get(name, set()) - {None}) > 1
    }  # fmt: skip
    if not chosen:
        return labels, []
    rows = zip(columns.image, labels, strict=True)
    count = pluralize(len(chosen), "image")
    note = f"{count} with several labels in the table, of which the corrections say one"
    return [chosen.get(name, label) for name, label in rows], [note]


def _contradictions(columns: Columns, labels: list[str | None]) -> dict[int, str]:
    """Rows of images that are named more than once: why they are broken, "" for a repetition."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(columns.image):
        rows[name].append(row)
    refused: dict[int, str] = {}
    for name, places in rows.items():
        if not name or len(places) == 1:
            continue
        kinds = sorted({label for row in places if (label := labels[row]) is not None})
        if len(kinds) > 1:
            reason = f"{SEVERAL_LABELS} {len(kinds)} labels ({', '.join(kinds)})"
            refused |= dict.fromkeys(places, reason)
        else:
            kept = next((row for row in places if labels[row] is not None), places[0])
            refused |= {row: "" for row in places if row != kept}
    return refused


def _repeated(refused: dict[int, str]) -> tuple[str, ...]:
    count = list(refused.values()).count("")
    return (f"{pluralize(count, 'row')} repeated as it was, read once",) if count else ()
