"""Texts with the labels that a person corrected, and without those that were dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.data.text.texts import Uncorrected
from handloom.errors import UserError
from handloom.jobs.corrected import (
    check_classes,
    class_as_written,
    corrected_note,
    counts,
    held_out_note,
    optimistic,
)
from handloom.jobs.corrections import Applied, Correction, applied, of_split, read_corrections
from handloom.jobs.text_classifier.contents import content_of

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.text.texts import Texts, TextSet
    from handloom.jobs.loading import Loaded

MOST_LETTERS = 60  # of a text in a message


def corrected(texts: TextSet, path: Path) -> TextSet:
    """The same split, with corrected labels in all of its parts; a text that stands in several
    places is corrected in all of them.

    What was done is in `corrections` and in a note. Raises UserError for lines that fit nothing,
    and where a split or all but one class would be empty.
    """
    whole = [text for part in texts.splits.values() for text in part.text]
    label = [number for part in texts.splits.values() for number in _labels(part)]
    names = [f"text {row + 1}, {_short(text)}" for row, text in enumerate(whole)]
    lines = [_line(line, texts.classes) for line in read_corrections(path)]
    result = applied(lines, names, [content_of(text) for text in whole], label, texts.classes)
    first, made = 0, {}
    for split, part in texts.splits.items():
        made[split] = _part(part, result, first)
        first += len(part)
        if not len(made[split]):
            raise UserError(
                f"'{path}' drops every text of the split {split}: keep some, or give other data"
            )
    check_classes(set(_labels(made["train"])), texts.classes, path, "text")
    before = _before(texts, result)
    record = counts(result)
    noted = [held_out_note(split, *old[1:], "text") for split, old in before.items()]
    return replace(
        texts,
        train=made["train"],
        valid=made.get("valid"),
        test=made.get("test"),
        notes=(*texts.notes, corrected_note(record, path, "text"), *noted),
        uncorrected=before,
        corrections=record,
    )


def before_corrections(
    run: Loaded, texts: TextSet, split: str, logits: Tensor
) -> dict[str, Any]:
    """What an evaluation says where texts that it is of were corrected, else nothing.

    logits: (N, K) of the texts of the split as they are now.
    """
    from handloom.jobs.text_classifier.explain import logits_of

    old = texts.uncorrected.get(split)
    if old is None:
        return {}
    assert old.texts.label is not None
    if old.dropped:
        logits = logits_of(run, old.texts.text)
    right = (logits.argmax(1).cpu() == old.texts.label).float().mean().item()
    return optimistic(old.relabelled, old.dropped, right, "text")


def _line(line: Correction, classes: Sequence[str]) -> Correction:
    """A line that names its text by content alone, with the class as the data write it."""
    content = line.content or content_of(line.file)
    wanted = class_as_written(line.wanted.strip(), classes)
    return line._replace(file=_short(line.file), content=content, wanted=wanted)


def _before(texts: TextSet, result: Applied) -> dict[str, Uncorrected]:
    """The held-out splits that are not what they were."""
    before, first = {}, 0
    for split, part in texts.splits.items():
        rows = range(first, first + len(part))
        relabelled = sum(row in rows for row in result.label)
        dropped = sum(row in rows for row in result.dropped)
        if split != "train" and (relabelled or dropped):
            before[split] = Uncorrected(part, relabelled, dropped)
        first += len(part)
    return before


def _part(part: Texts, result: Applied, first: int) -> Texts:
    """A split; first: the row that its first text has among all."""
    assert part.label is not None
    label, kept = of_split(part.label, result, first)
    return replace(part, label=label).subset(kept)


def _labels(part: Texts) -> list[int]:
    assert part.label is not None
    numbers: list[int] = part.label.tolist()
    return numbers


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"
