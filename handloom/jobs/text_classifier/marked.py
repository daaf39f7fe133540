"""What the words of single texts say for the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handloom.jobs.answers import likeliest
from handloom.jobs.loading import Loaded
from handloom.jobs.results import Explained, MarkedWord
from handloom.jobs.text_classifier.explain import moved, tokens_of, words_of
from handloom.jobs.text_classifier.options import PredictOptions
from handloom.jobs.text_classifier.predict import predict


def explain(
    run: Loaded,
    inputs: Iterable[str],
    options: PredictOptions = PredictOptions(),  # noqa: B008 (frozen)
) -> list[Explained]:
    """Predictions of the texts that can be read, each with its words, and how much each speaks for
    the likeliest class (`text_classifier.explain.moved`)."""
    records = [record for record in predict(run, inputs, options) if "error" not in record]
    return [Explained(record, _words(run, record)) for record in records]


def _words(run: Loaded, record: dict[str, Any]) -> tuple[MarkedWord, ...]:
    text = str(record["input"])
    label = run.config["classes"].index(likeliest(record)[0]["label"])
    tokens, _ = tokens_of(run, [text])
    weights = moved(run.networks["network"], tokens.long(), label, run.precision)
    words = words_of(run, [text])[0]
    return tuple(
        MarkedWord(word.text, round(weight, 6), word.is_known)
        for word, weight in zip(words, weights.tolist(), strict=True)
    )
