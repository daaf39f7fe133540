"""Predict with a text classifier run: one record for one row in."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from handloom.jobs.loading import Loaded
from handloom.jobs.results import Predictions
from handloom.jobs.text_classifier.answering import TextReader, TokenRows, answers
from handloom.jobs.text_classifier.explain import probabilities_of, read, tokenizer_of
from handloom.jobs.text_classifier.options import PredictOptions


def predict(
    run: Loaded,
    inputs: Iterable[str],
    options: PredictOptions = PredictOptions(),  # noqa: B008
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
        config["options"],
        probabilities,
        run.opened("learned", run.directory.learned),
    )
    return answers(reader, inputs, options)
