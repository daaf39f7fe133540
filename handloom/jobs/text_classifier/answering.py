"""Texts that a user names, and what a text classifier says of each; imports no torch.

A run and an exported file answer alike: they differ in what makes probabilities of tokens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from handloom.data.io.encoding import read_text
from handloom.data.io.table import is_table
from handloom.data.text.file import is_fasttext, read_file
from handloom.data.text.folder import read_plain
from handloom.data.text.literal import LiteralText
from handloom.data.text.rows import Rows
from handloom.data.text.source import located
from handloom.data.text.tokenizer import PAD, UNKNOWN, token_rows
from handloom.errors import UserError
from handloom.jobs.classification.answers import FIELDS, answered, beside
from handloom.jobs.results import Prediction, Predictions, tell_split
from handloom.jobs.text_classifier.contents import content_of
from handloom.jobs.text_classifier.options import PredictOptions
from handloom.jobs.text_classifier.reading import names_data, reading_of_others
from handloom.wording import pluralize

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from handloom.jobs.text_classifier.records import TextPreprocessing
    from handloom.runs.learned import Learned

AT_ONCE = 1024  # texts
NO_TEXT, NO_KNOWN_WORD, CUT = "no text", "no known word", "cut"
FIELDS_OF_TEXTS = set(FIELDS) - {"split"}  # a table's own column of that name stays
TokenRows = list[list[int]]


@dataclass(frozen=True)
class TextReader:
    """A text classifier, as far as predicting goes.

    preprocessing, classes, temperature: as in config.json.
    trained: the options of the training. probabilities: of the tokens of each text,
    one at least, those of every class. learned: what it was trained on, where that is known.
    """

    tokenizer: Tokenizer
    preprocessing: TextPreprocessing
    classes: list[str]
    temperature: float | None
    trained: Mapping[str, Any]
    probabilities: Callable[[TokenRows], list[list[float]]]
    learned: Learned | None = None


def answers(reader: TextReader, inputs: Iterable[str], options: PredictOptions) -> Predictions:
    """One record a text: {"input", "label", "probability", "probabilities"}, "actual" where a
    table names it, and then "split", the one that the training had the text in, and "trained_on":
    True of a text that the run was trained on, "note" for a
    text without a known word, "error" for a row that cannot be read, and the other columns of a
    table by their names; what `top` and `abstain_below` change is in `jobs.classification.answers`.

    An input is a text; a table, a folder of .txt files or a file with a text on each line, which
    must exist if it looks like one; or - for standard input, one text a line.
    """
    records: list[Prediction] = []
    for rows in _sources(reader, inputs, options):
        records += _records(reader, rows)
    unknown = sum(record.get("note") == NO_KNOWN_WORD for record in records)
    notes = [f"{pluralize(unknown, 'text')} without a known word"] if unknown else []
    shortened = sum(str(record.get("note")).startswith(CUT) for record in records)
    if shortened:
        notes.append(f"{pluralize(shortened, 'text')} longer than the run reads: see --max-length")
    return answered(Predictions(records, notes), options, reader.temperature)


def _sources(reader: TextReader, inputs: Iterable[str], options: PredictOptions) -> Iterator[Rows]:
    """What the inputs name, in order; texts that follow each other are one source, read at once."""
    texts: list[str] = []
    for given in inputs:
        if not given.strip():
            raise UserError(
                "a text is empty (an unset variable?): give a text, a file, or - for standard input"
            )
        is_text = isinstance(given, LiteralText) or not (given == "-" or names_data(given))
        if is_text:
            texts.append(str(given))
            continue
        if texts:
            yield Rows("", texts, None)
            texts = []
        if given == "-":
            yield Rows("-", [line.strip() for line in sys.stdin], None)
        else:
            yield _rows(reader, given, options)
    if texts:
        yield Rows("", texts, None)


def _rows(reader: TextReader, given: str, options: PredictOptions) -> Rows:
    path = located(given)
    if path.is_dir():
        return read_plain(path, options.encoding)
    if is_table(path) or is_fasttext(path):
        reading = reading_of_others(
            reader.trained, options.encoding, options.text_column, options.target_column,
            "none", options.strict,
        )  # fmt: skip
        return read_file(path, reading, labelled=False)
    return _lines(path, options.encoding)


def _lines(path: Path, encoding: str | None) -> Rows:
    lines = read_text(path, encoding).split("\n")
    return Rows(path.stem, [line.strip() for line in lines[: -1 if not lines[-1] else None]], None)


def _records(reader: TextReader, rows: Rows) -> Iterator[Prediction]:
    """Records in the order of the source, those of broken rows among them."""
    broken = list(rows.broken)
    for row, record in enumerate(_of_texts(reader, rows)):
        while broken and broken[0][0] <= row:
            yield {"input": rows.name, "error": broken.pop(0)[1]}
        yield record
    for _, reason in broken:
        yield {"input": rows.name, "error": reason}


def _of_texts(reader: TextReader, rows: Rows) -> Iterator[Prediction]:
    how = reader.preprocessing
    for start in range(0, len(rows.text), AT_ONCE):
        part = rows.text[start : start + AT_ONCE]
        whole = token_rows(reader.tokenizer, part, how["keep_unknown"], how["units"] == "pieces")
        kept = [tokens[-how["max_length"] :] for tokens in whole]
        for i, values in enumerate(reader.probabilities(kept)):
            rounded = [round(value, 6) for value in values]
            best = rounded.index(max(rounded))
            record: Prediction = {
                "input": part[i],
                **cast(Prediction, beside(_others(rows, start + i), FIELDS_OF_TEXTS)),
                "label": reader.classes[best],
                "probability": rounded[best],
            }
            if rows.target is not None:
                record["actual"] = rows.target[start + i]
                if reader.learned is not None:
                    tell_split(record, reader.learned.split_of(content_of(part[i])))
            if not part[i].strip() or set(kept[i]) <= {PAD, UNKNOWN}:
                record["note"] = NO_KNOWN_WORD if part[i].strip() else NO_TEXT
            elif len(kept[i]) < len(whole[i]):
                record["note"] = (
                    f"{CUT}: the last {len(kept[i]):,} of {len(whole[i]):,} tokens are read"
                )
            record["probabilities"] = dict(zip(reader.classes, rounded, strict=True))
            yield record


def _others(rows: Rows, row: int) -> dict[str, str]:
    return {name: column[row] for name, column in rows.others.items()}
