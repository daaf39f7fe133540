"""The training texts in folds, for trials and for calibration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handloom.runs.records import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from handloom.jobs.text_classifier.config import Config
    from handloom.jobs.text_classifier.encoded import EncodedTexts, Split

MOST_TEXTS = 4_000  # of the trials; choosing must cost less than training
FOLDS = 3


def folds(data: EncodedTexts) -> Tensor:
    """The fold of every training text, int64 (N,); -1 for those beyond MOST_TEXTS."""
    return data.texts.folds(FOLDS, MOST_TEXTS)


def fold_of(data: EncodedTexts, fold: int) -> EncodedTexts:
    """The training texts as a set of their own, of which one fold validates."""
    import torch

    from handloom.data.text.tokenizer import chosen_rows

    number = folds(data)
    tokens, length, label = data.splits["train"]
    splits: dict[str, Split] = {}
    for name, rows in (
        ("train", (number >= 0) & (number != fold)),
        ("valid", number == fold),
    ):
        chosen = torch.nonzero(rows)[:, 0]
        splits[name] = (*chosen_rows((tokens, length), chosen), label[chosen])
    return replace(data, splits=splits)


def fairness(config: Config, label: Tensor, classes: int) -> Tensor:
    """What a text counts: the same, or each class the same where they are to be balanced."""
    import torch

    if config.class_weights != "balanced":
        return torch.ones(len(label))
    count = torch.bincount(label, minlength=classes).float()
    return len(label) / (count[label] * (count > 0).sum())


def fold_logits(
    config: Config, part: EncodedTexts, options: Options, device: torch.device
) -> Tensor:
    """Logits (N, K) of the texts of the fold that validates, by a network of words that learns
    from the others. part: of `fold_of`. options: that differ from those of the config."""
    import torch

    from handloom.engine.callbacks.interrupt import stop_on_signal
    from handloom.engine.loop import Fit
    from handloom.jobs.text_classifier.build import build, resolve
    from handloom.jobs.text_classifier.explain import read
    from handloom.jobs.training.trials import Interrupted

    torch.manual_seed(config.seed)
    chosen = resolve(replace(config, minutes=None, **options), part)
    experiment = build(chosen, part, device).experiment
    if experiment.epochs:
        fit = Fit(replace(experiment, evaluations={}, monitor=None))
        with stop_on_signal(fit):
            if fit.run().interrupted:
                raise Interrupted
    tokens, length, _ = part.splits["valid"]
    network = experiment.networks["network"].eval()
    return read(network, tokens, length, experiment.precision)
