"""Which network: candidates cross-validated on the training texts, against the plain rival.

The rival is TF-IDF of words and pairs with logistic regression, C = 4. A candidate takes the place
of another only where it is better by more than the standard error of their difference, paired over
the texts of the folds that both were tried on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from handloom.jobs.text_classifier import sentence
from handloom.jobs.text_classifier.defaults import RIVAL, SENTENCE, as_asked
from handloom.jobs.text_classifier.folds import (
    FOLDS,
    MOST_TEXTS,
    fairness,
    fold_logits,
    fold_of,
    folds,
)
from handloom.jobs.text_classifier.names import is_sentence, named
from handloom.runs.records import Options
from handloom.wording import percent

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from handloom.data.io.progress import ReportProgress
    from handloom.jobs.text_classifier.config import Config
    from handloom.jobs.text_classifier.encoded import EncodedTexts
    from handloom.jobs.training.trials import Choice, Outcome, Result, Search, Trial

CLEAR = 2.0  # standard errors, below which a gain that was chosen may be chance, and is said to
FEWEST = 20  # different training texts; of fewer, no difference means anything
FEWEST_FOR_NETWORKS = 1_500  # training texts; below, a recurrent network is at chance
SOLVED: list[Options] = [
    RIVAL,
    RIVAL | dict(strength=16.0),
    RIVAL | dict(bayes=True),
    RIVAL | dict(bayes=True, strength=16.0),
]
TRAINED: list[Options] = [
    dict(network="bag", bayes=True, tfidf=True, strength=16.0),
    dict(network="lstm", bayes=True, tfidf=True, strength=16.0),
]


def search(
    config: Config, data: EncodedTexts, device: torch.device, report: ReportProgress
) -> Search | None:
    """What `--network auto` tries; None where a network was chosen, or texts are too few."""
    from handloom.jobs.training.trials import Search

    if config.network != "auto" or config.preset or _different(data) < FEWEST:
        return None
    comparison = Comparison(config, data, device)
    return Search(
        comparison.plan(), comparison.run, comparison.choose, data.texts.fingerprint, data.notes,
        comparison.describe,
    )  # fmt: skip


def _different(data: EncodedTexts) -> int:
    """How many training texts there are, repetitions aside."""
    from handloom.data.text.sameness import normalized

    return len(set(map(normalized, data.texts.train.text)))


def candidates(config: Config, data: EncodedTexts) -> dict[str, Options]:
    """Options of every candidate, by a name that says what they are; none twice."""
    tried = list(SOLVED)
    if data.units == "words":
        reads_words = config.vectors or config.tfidf or config.bayes
        # Of more texts the trials see a part, which flatters what learns from few: chosen on 4,000
        # of 7,796 reviews, the encoder had 76.6 % in the end, linear with naive Bayes 79.0 %.
        is_whole = len(data.texts.train) <= MOST_TEXTS
        encoder = sentence.default_encoder(config) if is_whole and not reads_words else None
        if encoder is not None:
            tried.append(RIVAL | dict(network=encoder, strength=SENTENCE["strength"]))
        tried += TRAINED if len(data.texts.train) >= FEWEST_FOR_NETWORKS else []
    asked = [as_asked(config, options) for options in tried]
    return {named(options): options for options in asked}


def choose(results: Sequence[Result], weights: Sequence[Tensor]) -> Result:
    """The solved candidate with the largest gain over the first, if that is clear; then a trained
    one where it is clearly better than what was chosen.

    weights: of the texts of every fold, (N,).
    """
    first = best = results[0]
    solved = [result for result in results if not _is_trained(result.trial)]
    trained = [result for result in results if _is_trained(result.trial)]
    if solved:
        first = best = solved[0]
        candidate = max(solved, key=lambda result: difference(result, first, weights)[0])
        best = candidate if _is_clear(candidate, first, weights) else first
    for result in trained:
        best = result if _is_clear(result, best, weights) else best
    return best


def difference(mine: Result, other: Result, weights: Sequence[Tensor]) -> tuple[float, float]:
    """How much more of the texts one has right than another, and the standard error of that, over
    the folds of both."""
    import torch

    gains = []
    folds = zip(mine.details["right"], other.details["right"], weights, strict=False)
    for right, theirs, weight in folds:
        gains.append((_answers(right) - _answers(theirs)) * weight)
    gain = torch.cat(gains)
    return float(gain.mean()), float(gain.std() / len(gain) ** 0.5)


def _is_clear(mine: Result, other: Result, weights: Sequence[Tensor]) -> bool:
    gain, error = difference(mine, other, weights)
    return gain > error + 1e-6  # of one text more, both are the same but for rounding


def _is_trained(trial: Trial) -> bool:
    return trial.options["network"] in [options["network"] for options in TRAINED]


def _answers(right: str) -> Tensor:
    import torch

    return torch.tensor([float(answer) for answer in right])


class Comparison:
    """Candidates and the rival on the same folds; what trials share is computed once."""

    def __init__(self, config: Config, data: EncodedTexts, device: torch.device) -> None:
        self.config, self.data, self.device = config, data, device
        self._rival: dict[int, Tensor] = {}
        self._vectors: dict[str, Tensor] = {}

    def plan(self) -> list[Trial]:
        """The candidates with their epochs: under --minutes at most those that fit in half of them,
        shared by all that are trained."""
        from handloom.jobs.text_classifier.build import build, resolve
        from handloom.jobs.training.preparation import pace
        from handloom.jobs.training.trials import Trial

        trials = [Trial(*pair) for pair in candidates(self.config, self.data).items()]
        trained = sum(map(_is_trained, trials))
        minutes, config = self.config.minutes, replace(self.config, minutes=None)
        for i, trial in enumerate(trials):
            if not _is_trained(trial):
                continue
            part = fold_of(self.data, 0)
            resolved = resolve(replace(config, **trial.options), part)
            epochs = resolved.epochs
            assert epochs is not None
            if minutes is not None:
                built = build(resolved, part, self.device)
                epochs = min(epochs, pace(built, epochs).epochs_in(minutes / 2 / trained))
            trials[i] = replace(trial, options=trial.options | {"epochs": epochs})
        return trials

    def run(self, trial: Trial) -> Outcome:
        """Accuracy, gain over the rival and the standard error of their paired difference; and what
        was right in every fold. A network is trained on one fold only."""
        import torch

        from handloom.jobs.training.trials import Outcome

        weights = self.weights()
        rights = [
            self.rival(fold) if trial.options == RIVAL else self.right(trial.options, fold)
            for fold in range(1 if _is_trained(trial) else FOLDS)
        ]
        pairs = list(enumerate(zip(rights, weights, strict=False)))
        gain = torch.cat([(right - self.rival(fold)) * weight for fold, (right, weight) in pairs])
        metrics = {
            "accuracy": float(torch.cat([right * weight for _, (right, weight) in pairs]).mean()),
            "gain": float(gain.mean()),
            "error": float(gain.std() / len(gain) ** 0.5),
        }
        answers = ["".join(str(int(value)) for value in right.tolist()) for right in rights]
        return Outcome(metrics, {"right": answers})

    def choose(self, results: Sequence[Result]) -> Choice:
        """Which candidate, and why; under --minutes what is left of them, half at least, trains."""
        from handloom.jobs.training.trials import Choice

        best = choose(results, self.weights())
        options, metrics = dict(best.trial.options), best.metrics
        if self.config.minutes is not None:
            spent = sum(result.seconds for result in results) / 60
            options.pop("epochs", None)
            options["minutes"] = max(self.config.minutes / 2, self.config.minutes - spent)
        reason = f"{best.trial.name}, {self._accuracy(best).removeprefix('accuracy ')}"
        if best.trial.name != results[0].trial.name:
            gain, error = 100 * metrics["gain"], 100 * metrics["error"]
            reason += f", {gain:+.1f} ± {error:.1f} points against TF-IDF with logistic regression"
            reason += ", which may be chance" * (gain < CLEAR * error)
        return Choice(options, reason)

    def describe(self, result: Result) -> str:
        """A trial in words: its accuracy, and what it gains over the rival where it is another."""
        gain, error = 100 * result.metrics["gain"], 100 * result.metrics["error"]
        against = f", {gain:+.1f} ± {error:.1f} points against plain TF-IDF" if error else ""
        return self._accuracy(result) + against

    def _accuracy(self, result: Result) -> str:
        """Of which kind it is, and of how many folds."""
        is_balanced = self.config.class_weights == "balanced"
        name = "balanced accuracy" if is_balanced else "accuracy"
        where = "on one fold" if _is_trained(result.trial) else "in cross-validation"
        return f"{name} {percent(result.metrics['accuracy'])} {where}"

    def weights(self) -> list[Tensor]:
        """What every text of a fold counts, (N,) for every fold."""
        number, label = folds(self.data), self.data.splits["train"][2]
        return [
            fairness(self.config, label[number == fold], self.data.classes) for fold in range(FOLDS)
        ]

    def rival(self, fold: int) -> Tensor:
        """What the rival has right in a fold."""
        if fold not in self._rival:
            self._rival[fold] = self.right(RIVAL, fold)
        return self._rival[fold]

    def right(self, options: Options, fold: int) -> Tensor:
        """Which texts of a fold a candidate has right, float (N,)."""
        if is_sentence(options["network"]):
            return self._right_of_sentences(options, fold)
        part = fold_of(self.data, fold)
        logits = fold_logits(self.config, part, options, self.device)
        return (logits.argmax(1) == part.splits["valid"][2]).float()

    def _right_of_sentences(self, options: Options, fold: int) -> Tensor:
        """By a head on the vectors of a pretrained encoder, which are computed for all folds."""
        number = folds(self.data)
        rows = (number >= 0).nonzero()[:, 0]
        spec = options["network"]
        if spec not in self._vectors:
            encoder = sentence.opened_encoder(spec, self.config, self.device)
            self._vectors[spec] = encoder([self.data.texts.train.text[i] for i in rows.tolist()])
        label, is_held_out = self.data.splits["train"][2][rows], number[rows] == fold
        is_balanced = self.config.class_weights == "balanced"
        logits = sentence.fold_logits(self._vectors[spec], label, is_held_out, options["strength"],
                                      is_balanced, self.data.classes)  # fmt: skip
        return (logits.argmax(1) == label[is_held_out]).float()
