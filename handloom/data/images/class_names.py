"""Names of classes as folders and tables write them: which are the same, which look alike."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

from handloom.wording import join_and, pluralize


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
    return (f"{_quoted(merged)} is written in two Unicode forms and read as one class",)


def alike_notes(classes: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each set of classes that differ by letter case or spaces alone."""
    ordered = sorted(classes, key=lambda name: (_loose(name), name))
    groups = [list(group) for _, group in groupby(ordered, key=_loose)]
    return tuple(
        f"the classes {_quoted(group)} differ by letter case or spaces alone and are "
        f"{pluralize(len(group), 'class')}: rename them if they are meant to be one"
        for group in groups
        if len(group) > 1
    )


def _loose(name: str) -> str:
    return " ".join(name.split()).casefold()


def _quoted(names: Sequence[str]) -> str:
    return join_and([f"'{name}'" for name in names])
