"""Texts with the labels that a person corrected, and without those that were dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.jobs.classification.corrected import class_as_written, corrected
from handloom.jobs.classification.corrections import Correction, read_corrections
from handloom.jobs.classification.earlier import division_note
from handloom.jobs.text_classifier.contents import content_of, text_contents

if TYPE_CHECKING:
    from handloom.data.text.texts import TextSet

MOST_LETTERS = 60  # of a text in a message


def corrected_texts(texts: TextSet, path: Path) -> TextSet:
    """As `corrected`; a text that stands in several places is corrected in all of them. What was
    done is in `corrections`, and in a note."""
    from handloom.data.text.texts import label_notes

    whole = [text for part in texts.splits.values() for text in part.text]
    names = [f"text {row + 1}, {_short(text)}" for row, text in enumerate(whole)]
    lines = [_line(line, texts.classes) for line in read_corrections(path)]
    known = [content for part in text_contents(texts).values() for content in part]
    notes = lambda data, classes: label_notes(data.splits, classes)
    texts, classes, counts = corrected(
        texts, lines, names, known, texts.classes, path, "text", notes
    )
    noted = division_note(text_contents(texts), texts.held_out, path, "text")
    notes_of = (*texts.notes, *noted)
    return replace(texts, classes=classes, corrections=counts, notes=notes_of)


def _line(line: Correction, classes: Sequence[str]) -> Correction:
    """A line that names its text by content alone, with the class as the data write it."""
    content = line.content or content_of(line.file)
    wanted = class_as_written(line.wanted.strip(), classes)
    return line._replace(file=_short(line.file), content=content, wanted=wanted)


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"
