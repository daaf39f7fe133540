"""What a solved model says of its own training texts, each by a model that did not see it."""

from typing import NamedTuple

import torch
from torch import Tensor

from handloom import waiting
from handloom.jobs.loading import Loaded
from handloom.jobs.text_classifier import sentence
from handloom.jobs.text_classifier.config import Config
from handloom.jobs.text_classifier.defaults import SENTENCE
from handloom.jobs.text_classifier.encoded import EncodedTexts, load
from handloom.jobs.text_classifier.explain import read, tokens_of
from handloom.jobs.text_classifier.folds import FOLDS, fold_logits, fold_of, folds
from handloom.jobs.text_classifier.names import is_sentence
from handloom.jobs.text_classifier.records import Record
from handloom.jobs.training.places import options_of


class OutOfFold(NamedTuple):
    """Training texts that are in a fold: their places int64 (N,), logits (N, K), labels (N,)."""

    rows: Tensor
    logits: Tensor
    label: Tensor


def out_of_fold(run: Loaded[Record]) -> OutOfFold:
    """What the model says of its training texts; made once where a run keeps what is made."""
    return run.once("out of fold", lambda: _out_of_fold(run))


def _out_of_fold(run: Loaded[Record]) -> OutOfFold:
    config = Config(**options_of(run.directory, run.config))
    data = load(config, run.data, waiting.report)
    number, label = folds(data), data.splits["train"][2]
    parts = [number == fold for fold in range(FOLDS)]
    if is_sentence(config.network):
        logits = _of_sentences(run, config, data, parts)
    else:
        logits = [fold_logits(config, fold_of(data, fold), {}, run.device) for fold in range(FOLDS)]
    rows = torch.cat([torch.nonzero(part)[:, 0] for part in parts])
    return OutOfFold(rows, torch.cat(logits), label[rows])


def _of_sentences(
    run: Loaded[Record], config: Config, data: EncodedTexts, parts: list[Tensor]
) -> list[Tensor]:
    """By heads on the vectors of the run's own encoder, which is not trained."""
    encoder = run.networks["network"].get_submodule("backbone")
    vectors = read(encoder, *tokens_of(run, data.texts.train.text), run.precision)
    known, label = torch.stack(parts).any(0), data.splits["train"][2]
    is_balanced = config.class_weights == "balanced"
    strength = config.strength or SENTENCE["strength"]
    return [
        sentence.fold_logits(
            vectors[known], label[known], part[known], strength, is_balanced, data.classes
        )
        for part in parts
    ]
