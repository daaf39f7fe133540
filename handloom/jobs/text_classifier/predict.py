"""Predict with a text classifier run, a record for each row, and say which words spoke for it."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from handloom.jobs.classification.answers import likeliest
from handloom.jobs.loading import Loaded
from handloom.jobs.results import Explained, MarkedWord, Prediction, Predictions
from handloom.jobs.text_classifier.answering import TextReader, TokenRows, answers
from handloom.jobs.text_classifier.explain import (
    moved,
    probabilities_of,
    read,
    tokenizer_of,
    tokens_of,
    words_of,
)
from handloom.jobs.text_classifier.options import PredictOptions
from handloom.jobs.text_classifier.records import Record


def predict(
    run: Loaded[Record],
    inputs: Iterable[str],
    options: PredictOptions = PredictOptions(),  # noqa: B008 (frozen)
) -> Predictions:
    """One record a text, as `answering.answers` describes them."""

    def probabilities(rows: TokenRows) -> list[list[float]]:
        tokens = torch.tensor([token for row in rows for token in row], dtype=torch.int32)
        length = torch.tensor([len(row) for row in rows])
        logits = read(run.networks["network"], tokens, length, run.precision)
        values: list[list[float]] = probabilities_of(run, logits).tolist()
        return values

    config = run.config
    reader = TextReader(
        tokenizer_of(run),
        config["preprocessing"],
        config["classes"],
        config.get("temperature"),
        run.recorded,
        probabilities,
        run.opened("learned", run.directory.learned),
    )
    return answers(reader, inputs, options)


def explain(
    run: Loaded[Record],
    inputs: Iterable[str],
    options: PredictOptions = PredictOptions(),  # noqa: B008 (frozen)
) -> list[Explained]:
    """Predictions of the texts that can be read, each with its words, and how much each speaks for
    the likeliest class (`text_classifier.explain.moved`)."""
    records = [record for record in predict(run, inputs, options) if "error" not in record]
    return [Explained(record, _words(run, record)) for record in records]


def _words(run: Loaded[Record], record: Prediction) -> tuple[MarkedWord, ...]:
    text = str(record["input"])
    label = run.config["classes"].index(likeliest(record)[0]["label"])
    tokens, _ = tokens_of(run, [text])
    weights = moved(run.networks["network"], tokens.long(), label, run.precision)
    words = words_of(run, [text])[0]
    return tuple(
        MarkedWord(word.text, round(weight, 6), word.is_known)
        for word, weight in zip(words, weights.tolist(), strict=True)
    )
