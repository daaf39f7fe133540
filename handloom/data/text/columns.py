"""Which column is what: by option, by position, or by the names that people use."""

from dataclasses import dataclass
from pathlib import Path

from handloom.data.io.table import (
    Table,
    listed,
    named_column,
    refuse_absent,
    with_header_as_row,
)
from handloom.errors import UserError
from handloom.wording import join_or

TEXT = (
    "text", "sentence", "review", "content", "comment", "message", "tweet", "document", "question",
    "utterance",
)  # fmt: skip
TARGET = ("target", "label", "sentiment", "category", "class", "intent", "topic")
ALSO = ", by name or by position from 1"  # how a column may be named
MOST_DIFFERENT = 0.5  # share of the rows with another value, in a column of classes


@dataclass(frozen=True)
class Roles:
    """A table, and the places of its text and its target; note: how they were recognised."""

    table: Table
    text: int
    target: int | None
    note: str = ""


def find_roles(
    path: Path, table: Table, text: str | None, target: str | None, labelled: bool
) -> Roles:
    """The column of texts and, if labelled or there is one, that of targets.

    text, target: names given by the user, or positions from 1; None takes a usual name. A table
    of two columns without a header is recognised: a value of its first row is a class of later
    ones. Raises UserError for a name that stands twice, or not at all.
    """
    places = _places(path, table, text, target)
    if not _has_header(table, places, (text, target)):
        return _headless(path, with_header_as_row(table), places, labelled)
    if places[0] is None and len(table.names) == 1 and not labelled:
        places = (0, None)  # one column: it is the text, whatever it is called
    for place, option in zip(places, ("text", "target"), strict=True):
        lists = [n for n in table.nested if n.casefold() in (TEXT if option == "text" else TARGET)]
        if place is None and lists and labelled:
            raise UserError(
                f"column '{lists[0]}' of '{path}' holds lists, and a text has one class here: keep "
                "one string in each cell"
            )
        if place is None and (option == "text" or labelled):
            raise _absent(path, table, [option, *_also_absent(places, labelled)])
    assert places[0] is not None
    if places[0] == places[1]:
        raise UserError(
            f"column '{table.names[places[0]]}' of '{path}' cannot be the text and the "
            "target: name another one with --text-column or --target-column"
        )
    used = [table.names[place] for place in places if place is not None]
    plain = [name.casefold() for name in used] == ["text", "target"][: len(used)]
    named = f"text in column '{used[0]}'" + (f", target in '{used[1]}'" if used[1:] else "")
    usual = (*(TEXT if text is None else ()), *(TARGET if target is None else ()))
    passed = [name for name in table.names if name.casefold() in usual and name not in used]
    if passed:
        named += ", not in " + join_or([f"'{name}'" for name in passed])
    return Roles(table, places[0], places[1], "" if plain and not passed else named)


def _place(
    path: Path, table: Table, wanted: str | None, usual: tuple[str, ...], option: str
) -> int | None:
    """The place of a column; None where no usual name stands in the header."""
    names = [name.casefold() for name in table.names]
    if wanted is None:
        name = next((name for name in usual if name in names), None)
        return None if name is None else _single(path, table, names, name, option)
    if wanted.casefold() not in names and wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    return named_column(path, table, wanted, f"--{option}-column", ALSO)


def _single(path: Path, table: Table, names: list[str], name: str, option: str) -> int:
    places = [place for place, other in enumerate(names) if other == name]
    if len(places) > 1:
        written = ", ".join(f"'{table.names[place]}' ({place + 1})" for place in places)
        raise UserError(
            f"'{path}' has {len(places)} columns for the {option}: {written}; choose one by "
            f"its position, as in --{option}-column {places[0] + 1}"
        )
    return places[0]


def _has_header(
    table: Table, places: tuple[int | None, int | None], given: tuple[str | None, str | None]
) -> bool:
    """Whether the first row holds names. Where neither place comes from a usual name, it is a row
    of data if its class, in the column chosen or in one of two, is the class of later rows too."""
    names = {name.casefold() for name in table.names}
    if not len(table) or names & {*TEXT, *TARGET}:
        return True
    by_position = [g for g in given if g is not None and g.isdecimal()]
    if places != (None, None):
        columns = [places[1]] if by_position and places[1] is not None else []
    else:
        columns = [0, 1] if len(table.names) == 2 else []
    return not any(_is_class(table, place) for place in columns)


def _is_class(table: Table, place: int) -> bool:
    """Whether the first row's value is a class of the column below it."""
    column = table.columns[place]
    different = len(set(column))
    return table.names[place] in column and different <= MOST_DIFFERENT * max(len(column), 4)


def _headless(
    path: Path, table: Table, places: tuple[int | None, int | None], labelled: bool
) -> Roles:
    text, target = places
    if places == (None, None):
        sizes = [(len(set(column)), sum(map(len, column))) for column in table.columns]
        target = min((0, 1), key=lambda place: sizes[place])
        text = 1 - target
    if text is None or (target is None and labelled):
        raise _absent(
            path, table, ["text" if text is None else "target", *_also_absent(places, labelled)]
        )
    where = f"text in column {text + 1}"
    where += f", target in column {target + 1}" if target is not None else ""
    return Roles(table, text, target, f"no header: {where}")


def _places(
    path: Path, table: Table, text: str | None, target: str | None
) -> tuple[int | None, int | None]:
    """Of the text and of the target, None where no usual name stands in the header."""
    asked = {"--text-column": text, "--target-column": target}
    by_name = {o: name for o, name in asked.items() if name is not None and not name.isdecimal()}
    refuse_absent(path, table, by_name, ALSO)
    return (
        _place(path, table, text, TEXT, "text"),
        _place(path, table, target, TARGET, "target"),
    )


def _also_absent(places: tuple[int | None, int | None], labelled: bool) -> list[str]:
    """The target, where it is missing beside the text and needed too."""
    return ["target"] if labelled and places == (None, None) else []


def _absent(path: Path, table: Table, options: list[str]) -> UserError:
    """options: text, target or both."""
    if not table.names:
        return UserError(f"'{path}' is empty: give a table with the columns text,target")
    if len(options) == 2:
        return UserError(
            f"'{path}' has no columns for the text and the target (it has: {listed(table)}): name "
            "them with --text-column and --target-column, or call them text and target"
        )
    usual = ", ".join((TEXT if options == ["text"] else TARGET)[:5])
    return UserError(
        f"'{path}' has no column for the {options[0]} (it has: {listed(table)}): name it with "
        f"--{options[0]}-column, or give it a usual name ({usual})"
    )
