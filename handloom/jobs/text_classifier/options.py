"""Options of the verbs of a text-classifier run."""

from __future__ import annotations

from dataclasses import dataclass

from handloom.config import option

ENCODING = "of the data named here, such as cp1252; by default UTF-8, or what a mark says"


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Options of `evaluate`."""

    threshold: float | None = option(
        None,
        "of two classes, the rarer one from this probability on; by default the likelier",
        0,
        1,
    )
    encoding: str | None = option(None, ENCODING)
    text_column: str | None = option(None, "column of the texts, by name or position from 1")
    target_column: str | None = option(None, "column of the classes, by name or position from 1")
    splits: str | None = option(
        None, "what the cells of a column 'split' mean, as in test=a; none takes all rows"
    )
    strict: bool = option(False, "stop at a row that cannot be read, instead of leaving it out")


@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """Options of `predict`."""

    encoding: str | None = option(None, ENCODING)
    text_column: str | None = option(None, "column of the texts, by name or position from 1")
    target_column: str | None = option(None, "column of the classes, where they are known")
    strict: bool = option(False, "stop at a row that cannot be read, instead of naming it")
