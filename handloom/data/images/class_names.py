"""Names of classes as folders and tables write them, in one Unicode form."""

import unicodedata
from collections.abc import Iterable
from itertools import groupby

from handloom.wording import join_and


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
