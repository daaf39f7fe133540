"""Which network: candidates cross-validated on the training texts, against the plain rival.

The rival is TF-IDF of words and pairs with logistic regression, C = 4. A candidate takes its place
only where it is better by more than the standard error of their paired difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handloom.jobs.text_classifier.defaults import RIVAL, SENTENCE, as_asked
from handloom.jobs.text_classifier.sentence import (
    default_encoder,
    is_right,
    is_sentence,
    opened_encoder,
)
from handloom.wording import percent

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from handloom.jobs.text_classifier.config import Config
    from handloom.jobs.text_classifier.encoded import Encoded, Split
    from handloom.jobs.trials import Choice, Result, Search, Trial

MOST_TEXTS = 4_000  # of the trials; choosing must cost less than training
FOLDS = 3
FEWEST = 20  # different training texts; of fewer, no difference means anything
FEWEST_FOR_NETWORKS = 1_500  # training texts; below, a recurrent network is at chance
SOLVED: dict[str, dict[str, Any]] = {
    "linear": RIVAL,
    "linear, C 16": RIVAL | dict(strength=16.0),
    "linear and naive Bayes": RIVAL | dict(bayes=True),
    "linear, C 16, and naive Bayes": RIVAL | dict(bayes=True, strength=16.0),
}
TRAINED: dict[str, dict[str, Any]] = {
    "bag, linear and naive Bayes": dict(network="bag", bayes=True, tfidf=True, strength=16.0),
    "lstm, linear and naive Bayes": dict(network="lstm", bayes=True, tfidf=True, strength=16.0),
}


def search(config: Config, data: Encoded, device: torch.device) -> Search | None:
    """What `--network auto` tries; None where a network was chosen, or texts are too few."""
    from handloom.jobs.trials import Search, Trial

    if config.network != "auto" or config.preset or _different(data) < FEWEST:
        return None
    comparison = Comparison(config, data, device)
    return Search(
        [Trial(name, as_asked(config, options)) for name, options in _plan(config, data).items()],
        comparison.run,
        choose,
        data.texts.fingerprint,
    )


def _different(data: Encoded) -> int:
    """How many training texts there are, repetitions aside."""
    from handloom.data.text.texts import normalized

    return len(set(map(normalized, data.texts.train.text)))


def _plan(config: Config, data: Encoded) -> dict[str, dict[str, Any]]:
    """Candidates by name."""
    plan = dict(SOLVED)
    if data.units != "words":
        return plan
    reads_words = config.vectors or config.tfidf or config.bayes
    encoder = None if reads_words else default_encoder(config)
    if encoder is not None:
        plan[encoder] = RIVAL | dict(network=encoder, strength=SENTENCE["strength"])
    return plan | (TRAINED if len(data.texts.train) >= FEWEST_FOR_NETWORKS else {})


def choose(results: Sequence[Result]) -> Choice:
    """The solved candidate with the largest gain, if it is clear; a trained one that beats it."""
    from handloom.jobs.trials import Choice

    by_name = {result.trial.name: result.metrics for result in results}
    candidates = [name for name in by_name if name not in TRAINED]
    best = max(candidates, key=lambda name: by_name[name]["gain"])
    if by_name[best]["gain"] <= by_name[best]["error"]:
        best = candidates[0]
    for name in TRAINED:
        if name in by_name:
            solved, trained = by_name[best], by_name[name]
            if trained["first_gain"] - solved["first_gain"] > trained["first_error"] / 2:
                best = name
    metrics = by_name[best]
    options = next(result.trial.options for result in results if result.trial.name == best)
    reason = f"{best}, {percent(metrics['accuracy'])} in cross-validation"
    if best != next(iter(SOLVED)):
        gain, error = 100 * metrics["gain"], 100 * metrics["error"]
        reason += f", {gain:+.1f} ± {error:.1f} % against TF-IDF with logistic regression"
    return Choice(options, reason)


class Comparison:
    """Candidates and the rival on the same folds; what trials share is computed once."""

    def __init__(self, config: Config, data: Encoded, device: torch.device) -> None:
        self.config, self.data, self.device = config, data, device
        self._rival: dict[int, Tensor] = {}
        self._vectors: dict[str, Tensor] = {}

    def run(self, trial: Trial) -> dict[str, float]:
        """Accuracy, gain over the rival and the standard error of their paired difference, of all
        folds and of the first. A network is trained on one fold only."""
        import torch

        rights, gains = [], []
        for fold in range(1 if trial.options["network"] in ("lstm", "bag") else FOLDS):
            right, rival = self.right(trial.options, fold), self.rival(fold)
            rights.append(right)
            gains.append(right - rival)
        gain, first = torch.cat(gains), gains[0]
        return {
            "accuracy": float(torch.cat(rights).mean()),
            "gain": float(gain.mean()),
            "error": float(gain.std() / len(gain) ** 0.5),
            "first_gain": float(first.mean()),
            "first_error": float(first.std() / len(first) ** 0.5),
        }

    def rival(self, fold: int) -> Tensor:
        """What the rival has right in a fold."""
        if fold not in self._rival:
            self._rival[fold] = self.right(RIVAL, fold)
        return self._rival[fold]

    def right(self, options: dict[str, Any], fold: int) -> Tensor:
        """What a candidate has right in a fold, float (N,), in the weight that a text has."""
        if is_sentence(options["network"]):
            return self._right_of_sentences(options, fold)
        part = fold_of(self.data, fold, self.config.seed)
        weight = _fairness(self.config, part.splits["valid"][2], self.data.classes)
        return _right(self.config, part, options, self.device) * weight

    def _right_of_sentences(self, options: dict[str, Any], fold: int) -> Tensor:
        """By a head on the vectors of a pretrained encoder, which are computed for all folds."""
        number = folds(self.data, self.config.seed)
        rows = (number >= 0).nonzero()[:, 0]
        spec = options["network"]
        if spec not in self._vectors:
            encoder = opened_encoder(spec, self.config, self.device)
            self._vectors[spec] = encoder([self.data.texts.train.text[i] for i in rows.tolist()])
        label, is_held_out = self.data.splits["train"][2][rows], number[rows] == fold
        is_balanced = self.config.class_weights == "balanced"
        right = is_right(self._vectors[spec], label, is_held_out, options["strength"],
                         is_balanced, self.data.classes)  # fmt: skip
        return right * _fairness(self.config, label[is_held_out], self.data.classes)


def fold_of(data: Encoded, fold: int, seed: int) -> Encoded:
    """The training texts as a set of their own, of which one fold validates."""
    import torch

    from handloom.data.text.tokenizer import chosen_rows

    number = folds(data, seed)
    tokens, length, label = data.splits["train"]
    splits: dict[str, Split] = {}
    for name, rows in (
        ("train", (number >= 0) & (number != fold)),
        ("valid", number == fold),
    ):
        chosen = torch.nonzero(rows)[:, 0]
        splits[name] = (*chosen_rows((tokens, length), chosen), label[chosen])
    return replace(data, splits=splits)


def folds(data: Encoded, seed: int) -> Tensor:
    """The fold of every training text, int64 (N,); -1 for those beyond MOST_TEXTS.

    Classes are dealt out evenly, and the same text always to one fold.
    """
    import numpy as np
    import torch

    from handloom.data.text.texts import normalized

    label = data.splits["train"][2].numpy()
    texts = [normalized(text) for text in data.texts.train.text]
    place = {text: i for i, text in reversed(list(enumerate(texts)))}
    first = np.array([place[text] for text in texts])
    unique = np.unique(first)
    order = np.random.RandomState(seed % 2**32).permutation(unique)
    order = order[np.argsort(label[order], kind="stable")]
    every = max(1, -(-len(order) // MOST_TEXTS))
    number = np.full(len(label), -1)
    number[order[::every]] = np.arange(len(order[::every])) % FOLDS
    return torch.from_numpy(number[first])


def _right(config: Config, part: Encoded, options: dict[str, Any], device: torch.device) -> Tensor:
    """Which texts of the fold that validates are classified rightly, float (N,)."""
    import torch

    from handloom.engine.callbacks.interrupt import stop_on_signal
    from handloom.engine.loop import Fit
    from handloom.jobs.text_classifier.build import build, resolve
    from handloom.jobs.text_classifier.explain import read
    from handloom.jobs.trials import Interrupted

    torch.manual_seed(config.seed)
    chosen = resolve(replace(config, **options), part)
    experiment = build(chosen, part, device).experiment
    if experiment.epochs:
        fit = Fit(replace(experiment, evaluations={}, monitor=None))
        with stop_on_signal(fit):
            if fit.run().interrupted:
                raise Interrupted
    tokens, length, label = part.splits["valid"]
    network = experiment.networks["network"].eval()
    return (read(network, tokens, length, experiment.precision).argmax(1) == label).float()


def _fairness(config: Config, label: Tensor, classes: int) -> Tensor:
    """What a text counts: the same, or each class the same where they are to be balanced."""
    import torch

    if config.class_weights != "balanced":
        return torch.ones(len(label))
    count = torch.bincount(label, minlength=classes).float()
    return len(label) / (count[label] * (count > 0).sum())
