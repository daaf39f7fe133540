"""Labelled texts as rows of strings, whatever they were read from."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reading:
    """How tables of texts are read; every field as the option of the same name."""

    encoding: str | None = None
    text_column: str | None = None
    target_column: str | None = None
    classes_as_written: bool = False
    splits: str | None = None
    strict: bool = False


@dataclass
class Rows:
    """text, target ("" where there is none), split (None where the source has no splits) and
    where each row stands, such as "line 7"; others: the columns that are neither, by name; notes:
    how the source was understood, and what was left out; broken: rows that could not be read, as
    the place among the rows before which they stand, and a sentence."""

    name: str
    text: list[str]
    target: list[str] | None
    split: list[str | None] | None = None
    where: list[str] = field(default_factory=list)
    others: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)


def joined(parts: Sequence[Rows], name: str) -> Rows:
    """Several sources as one, in order; splits are kept where every source has them."""
    has_split = all(part.split is not None for part in parts)
    has_target = all(part.target is not None for part in parts)
    return Rows(
        name,
        [text for part in parts for text in part.text],
        [target for part in parts for target in part.target or ()] if has_target else None,
        [split for part in parts for split in part.split or ()] if has_split else None,
        [where for part in parts for where in part.where],
        {},
        list(dict.fromkeys(note for part in parts for note in part.notes)),
    )
