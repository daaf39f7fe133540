"""What a solved model says of its own training texts, each by a model that did not see it."""

import torch
from torch import Tensor

from handloom.jobs.loading import Loaded
from handloom.jobs.options import split_seed
from handloom.jobs.places import options_of
from handloom.jobs.text_classifier import sentence
from handloom.jobs.text_classifier.config import Config
from handloom.jobs.text_classifier.defaults import SENTENCE
from handloom.jobs.text_classifier.encoded import EncodedTexts, load
from handloom.jobs.text_classifier.explain import read, tokens_of
from handloom.jobs.text_classifier.folds import FOLDS, fold_logits, fold_of, folds
from handloom.jobs.text_classifier.names import is_sentence


def out_of_fold(run: Loaded) -> tuple[Tensor, Tensor]:
    """Logits (N, K) and labels int64 (N,) of the training texts that are in a fold."""
    config = Config(**options_of(run.directory, run.config))
    data = load(config, run.data, lambda *_: None)
    number, label = folds(data, split_seed(config)), data.splits["train"][2]
    parts = [number == fold for fold in range(FOLDS)]
    if is_sentence(config.network):
        logits = _of_sentences(run, config, data, parts)
    else:
        logits = [
            fold_logits(config, fold_of(data, fold, split_seed(config)), {}, run.device)
            for fold in range(FOLDS)
        ]
    return torch.cat(logits), torch.cat([label[part] for part in parts])


def _of_sentences(
    run: Loaded, config: Config, data: EncodedTexts, parts: list[Tensor]
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
