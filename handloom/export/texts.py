"""Texts named by a classifier in a file; imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from handloom.data.text.tokenizer import opened
from handloom.export.runtime import OnnxModel
from handloom.jobs.results import Predictions
from handloom.jobs.text_classifier.answering import TextReader, TokenRows, answers
from handloom.jobs.text_classifier.options import PredictOptions
from handloom.jobs.text_classifier.reading import names_data

if TYPE_CHECKING:
    from handloom.runs.learned import Learned

AT_ONCE = 64  # texts
MOST_TOKENS = 1 << 18  # read together, padding included


def are_few(inputs: Sequence[str], most: int) -> bool:
    """Whether the inputs are texts themselves, and at most so many."""
    return len(inputs) <= most and not any(given == "-" or names_data(given) for given in inputs)


def predict_texts(
    model: OnnxModel, inputs: Sequence[str], options: PredictOptions, learned: Learned | None = None
) -> Predictions:
    """As `predict` of a text-classifier run. learned: what that was trained on."""

    def probabilities(rows: TokenRows) -> list[list[float]]:
        return _probabilities(model, rows)

    known = model.known
    reader = TextReader(
        opened(known["tokenizer"]),
        known["preprocessing"],
        known["classes"],
        known["temperature"],
        known["reading"],
        probabilities,
        learned,
    )
    return answers(reader, inputs, options)


def _probabilities(model: OnnxModel, rows: TokenRows) -> list[list[float]]:
    """In the order of the texts; those of one length are read together."""
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    values: list[list[float]] = [[] for _ in rows]
    while order:
        longest = len(rows[order[min(AT_ONCE, len(order)) - 1]])
        count = max(1, min(AT_ONCE, MOST_TOKENS // longest))
        batch, order = order[:count], order[count:]
        tokens = np.zeros((len(batch), len(rows[batch[-1]])), np.int64)
        for place, row in enumerate(batch):
            tokens[place, : len(rows[row])] = rows[row]
        length = np.array([len(rows[row]) for row in batch], np.int64)
        (probabilities,) = model({"tokens": tokens, "length": length})
        for row, each in zip(batch, probabilities.tolist(), strict=True):
            values[row] = each
    return values
