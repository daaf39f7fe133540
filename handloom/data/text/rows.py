"""Labelled texts as rows of strings, whatever they were read from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from handloom.data.io.labels import Unclear


@dataclass(frozen=True)
class TextReading:
    """How tables of texts are read; every field as the option of the same name."""

    encoding: str | None = None
    text_column: str | None = None
    target_column: str | None = None
    unclear_labels: Unclear | None = None
    splits: str | None = None
    strict: bool = False


@dataclass
class Rows:
    """text, target ("" where there is none), split (None where the source has no splits) and
    where each row stands, such as "line 7"; others: the columns that are neither, by name; notes:
    how the source was understood, and what was left out; broken: rows that could not be read, as
    the place among the rows before which they stand, and a sentence; is_table: read from a table,
    or from several."""

    name: str
    text: list[str]
    target: list[str] | None
    split: list[str | None] | None = None
    where: list[str] = field(default_factory=list)
    others: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    is_table: bool = False


def joined(sources: Sequence[Rows], name: str) -> Rows:
    """Several sources as one, in order; splits are kept where every source has them."""
    has_split = all(source.split is not None for source in sources)
    has_target = all(source.target is not None for source in sources)
    return Rows(
        name,
        [text for source in sources for text in source.text],
        [target for source in sources for target in source.target or ()] if has_target else None,
        [split for source in sources for split in source.split or ()] if has_split else None,
        [where for source in sources for where in source.where],
        {},
        list(dict.fromkeys(note for source in sources for note in source.notes)),
        is_table=any(source.is_table for source in sources),
    )
