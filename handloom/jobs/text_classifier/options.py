"""Options of the verbs of a text-classifier run."""

from __future__ import annotations

from dataclasses import dataclass

from handloom.config import option
from handloom.jobs.classification.answers import AnswerOptions

ENCODING = "encoding of these data, such as cp1252; by default UTF-8, or by the byte order mark"


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Options of `evaluate`."""

    threshold: float | None = option(
        None,
        "with two classes: predict the one that was rarer in training from this probability on",
        0,
        1,
    )
    encoding: str | None = option(None, ENCODING)
    text_column: str | None = option(None, "column of the texts, by name or position from 1")
    target_column: str | None = option(None, "column of the classes, by name or position from 1")
    splits: str | None = option(
        None, "what the cells of a column 'split' mean, as in test=a; none: take all rows"
    )
    strict: bool = option(False, "stop at a row that cannot be read instead of leaving it out")


@dataclass(frozen=True, kw_only=True)
class PredictOptions(AnswerOptions):
    """Options of `predict`."""

    encoding: str | None = option(None, ENCODING)
    text_column: str | None = option(None, "column of the texts, by name or position from 1")
    target_column: str | None = option(None, "column of the classes, where they are known")
    strict: bool = option(False, "stop at a row that cannot be read instead of naming it")
