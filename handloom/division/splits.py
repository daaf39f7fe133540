"""The splits of a set by what they are for."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Generic, NamedTuple, TypeVar

TRAIN, VALID, TEST = ORDER = ("train", "valid", "test")
P = TypeVar("P")


def held_out(splits: Container[str]) -> str | None:
    """Of these splits the one that figures come from: test, else valid, else None."""
    return next((name for name in (TEST, VALID) if name in splits), None)


def watched(splits: Container[str]) -> str | None:
    """Of these splits the one that is evaluated while training: valid, which may choose the epoch,
    else test, which chooses nothing, else None."""
    return next((name for name in (VALID, TEST) if name in splits), None)


class Uncorrected(NamedTuple, Generic[P]):
    """A split before a person corrected it, and how many labels changed and examples went."""

    part: P
    relabelled: int
    dropped: int


class Divided(Generic[P]):
    """A set of examples in splits; images or texts are the parts P.

    seed: what it was divided by. Folds of its training part are dealt by it as well. notes:
    sentences to show. uncorrected: the held-out splits that a person's corrections changed.
    """

    train: P
    valid: P | None
    test: P | None
    seed: int
    notes: tuple[str, ...]
    uncorrected: Mapping[str, Uncorrected[P]]

    @property
    def splits(self) -> dict[str, P]:
        """The splits there are, by name: train, valid, test."""
        splits = {TRAIN: self.train, VALID: self.valid, TEST: self.test}
        return {name: part for name, part in splits.items() if part is not None}

    @property
    def held_out(self) -> str | None:
        """The split that figures come from: test, else valid, else None."""
        return held_out(self.splits)

    @property
    def watched(self) -> str | None:
        """The split that is evaluated while training: valid, else test, else None."""
        return watched(self.splits)
