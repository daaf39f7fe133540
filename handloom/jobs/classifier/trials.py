"""What a pretrained classifier tries on folds of its training images before it is trained.

The strength of the head; then whether tuning the layers below beats the head alone, and at which
learning rate. Validation and test images choose nothing here, so what is reported of them is fair.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from handloom.jobs.classification import linear_head
from handloom.jobs.classification.linear_head import Chosen
from handloom.jobs.classifier.defaults import is_pretrained, weights_of
from handloom.runs.records import Options
from handloom.wording import percent, pluralize

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from handloom.data.images.dataset import DataSet
    from handloom.data.io.progress import ReportProgress
    from handloom.encoders import Encoder
    from handloom.jobs.classifier.config import Config
    from handloom.jobs.training.trials import Choice, Result, Search, Trial

FOLDS = 5  # of the head, which costs next to nothing
TUNED_FOLDS = 3
RATES = (1e-3, 3e-4, 3e-3)  # the first is tried first
FEWEST_EPOCHS, MOST_EPOCHS = 8, 40  # fewer do not reach the head again
SPARE = 1.1  # of the minutes that are advised: the speed is measured anew when they are given
OVERHEAD = 1.15  # of a training over its steps alone: evaluation, checkpoints


def search(
    config: Config, data: DataSet, device: torch.device, report: ReportProgress
) -> Search | None:
    """What is tried for a pretrained network; None for one that is trained from scratch.

    The training images are encoded here, which is most of the work of a head.
    """
    from handloom.encoders import find
    from handloom.jobs.classifier.pretrained import CHOSEN_BY_FOLDS, features_of, precision_of
    from handloom.jobs.training.trials import Search, Trial

    name = data.preprocessing["network"]
    if not is_pretrained(name):
        return None
    config = replace(config, network=name)
    encoder = find(name, weights_of(config), device, precision_of(config, device))
    features_of(data.train, encoder, report)
    by_folds = len(data.train) < CHOSEN_BY_FOLDS or data.valid is None
    fixed: Options = {"minutes": None}
    trials, notes = [], [*data.notes, *_few(data)]
    if config.tune == "all":
        lrs, epochs, minutes = _plan(config, data, device, TUNED_FOLDS if by_folds else 0)
        fixed |= {"epochs": epochs}
        if not epochs:
            notes.append(_too_short(config, by_folds, minutes))
        if epochs and by_folds:
            trials = [
                Trial(f"tuned at {lr:g}, fold {fold + 1} of {TUNED_FOLDS}",
                      fixed | {"tune": "all", "lr": lr}, fold)
                for lr in lrs for fold in range(TUNED_FOLDS)
            ]  # fmt: skip
        elif epochs:
            fixed |= {"tune": "all"}
    trials = [Trial("head", {"tune": "head"} | fixed), *trials]
    tried = _tried(config, data, encoder, device)
    return Search(trials, tried, choose, data.fingerprint, notes, describe)


def _too_short(config: Config, by_folds: bool, minutes: int) -> str:
    assert config.minutes is not None
    return (
        f"--minutes {config.minutes:g} is too short for tuning, which is left out: "
        f"{FEWEST_EPOCHS} epochs at least{', and as many on each fold' * by_folds}, take about "
        f"--minutes {minutes} on this machine"
    )


def _few(data: DataSet) -> list[str]:
    """A sentence where there are fewer images, or groups of images, than folds."""
    if len(data.train) < FOLDS:
        return [
            f"{pluralize(len(data.train), 'training image')} are fewer than the {FOLDS} folds that "
            "choose a head: what they say means nothing"
        ]
    count = len(set(data.group))
    if count >= FOLDS:
        return []
    return [
        f"the training images are {pluralize(count, 'group')} that belong together, fewer than the "
        f"{FOLDS} folds that choose a head: the folds mix them, so that what cross-validation says "
        "is optimistic"
    ]


def describe(result: Result) -> str:
    """A trial in words: accuracy in cross-validation; of a tuned fold, beside the head's."""
    metrics = result.metrics
    if result.trial.fold is not None:
        words = f"{percent(metrics['accuracy'])} right, the head {percent(metrics['head'])}"
        if "macro_f1" in metrics:
            words += f"; macro F1 {percent(metrics['macro_f1'])} and "
            words += percent(metrics["head_macro_f1"])
        return words
    return f"{percent(metrics['accuracy'])} right in cross-validation, {_kind(metrics)}"


def _kind(metrics: Mapping[str, float]) -> str:
    """What was chosen of the head, in words."""
    words = f"strength {metrics['strength']:g}"
    if "other_macro_f1" in metrics:
        way = "weighted equally" if metrics["balanced"] else "not weighted"
        words += f", classes {way} (macro F1 {percent(metrics['macro_f1'])}, otherwise "
        words += percent(metrics["other_macro_f1"])
        if "weights_gain" in metrics:
            words += f"; weights gain {100 * metrics['weights_gain']:+.1f} ± "
            words += f"{100 * metrics['weights_error']:.1f} points over folds"
        words += ")"
    return words


def choose(results: Sequence[Result]) -> Choice:
    """The strength of the head; tuning where its mean gain over the head on the folds is positive.

    The gain is in accuracy, or in macro F1 where classes are unequal, on the same images for both,
    in shares of 1; its error is the standard error of the folds' gains.
    """
    import statistics

    from handloom.jobs.training.trials import Choice

    head = next(result for result in results if result.trial.fold is None)
    options = dict(head.trial.options) | {"strength": head.metrics["strength"]}
    if "balanced" in head.metrics:
        options["class_weights"] = "balanced" if head.metrics["balanced"] else "none"
    reason = f"a head of {_kind(head.metrics)}, {percent(head.metrics['accuracy'])} in "
    reason += "cross-validation"
    gains: dict[float, list[float]] = {}
    for result in results:
        if result.trial.fold is not None:
            gains.setdefault(result.trial.options["lr"], []).append(result.metrics["gain"])
    most = max(map(len, gains.values()), default=0)
    gains = {lr: folds for lr, folds in gains.items() if len(folds) == most}  # none failed
    if not gains:
        return Choice(options, reason)
    lr = max(gains, key=lambda lr: statistics.mean(gains[lr]))
    gain, count = statistics.mean(gains[lr]), len(gains[lr])
    error = statistics.stdev(gains[lr]) / count**0.5 if count > 1 else 0.0
    score = "macro F1" if "balanced" in head.metrics else "accuracy"
    measured = f"{100 * gain:+.1f} ± {100 * error:.1f} points of {score} over {count} folds"
    if gain <= 0:
        return Choice(options | {"tune": "head"}, f"{reason}; tuning did not help ({measured})")
    if gain < error:
        measured += ", which may be chance"
    return Choice(
        options | {"tune": "all", "lr": lr},
        f"layers tuned at {lr:g}: {measured}, beside heads solved on the same images; alone, "
        f"{reason}",
    )


def _tried(
    config: Config, data: DataSet, encoder: Encoder, device: torch.device
) -> Callable[[Trial], dict[str, float]]:
    """What runs a trial; heads of folds are solved once for all rates."""
    heads = cache(lambda fold: best_head(config, _part(data, fold), encoder))

    def run(trial: Trial) -> dict[str, float]:
        if trial.fold is None:
            return _measured(heads(None))
        return _tuned(config, data, trial, heads(trial.fold), device)

    return run


def best_head(config: Config, data: DataSet, encoder: Encoder) -> list[Chosen]:
    """The head that cross-validation prefers; where classes are unequal and nothing was asked for,
    then the other one, with or without weights."""
    from handloom.jobs.classification.evaluation import is_unequal
    from handloom.jobs.classifier.pretrained import features_of

    assert data.train.label is not None
    label, classes = data.train.label, len(data.train.classes)
    ways = [config.class_weights == "balanced"]
    if config.class_weights is None and is_unequal(label):
        ways = [False, True]
    fold = data.folds(FOLDS)
    features = features_of(data.train, encoder)
    strengths = linear_head.STRENGTHS if config.strength is None else (config.strength,)
    known = (features, label, fold, classes)
    tried = [linear_head.choose_strength(*known, way, strengths) for way in ways]
    return linear_head.in_order(tried)


def _measured(heads: Sequence[Chosen]) -> dict[str, float]:
    """What the choice needs of the best head and of its rival, if there is one."""
    best = heads[0]
    metrics = {"accuracy": best.accuracy, "loss": best.loss, "strength": best.strength}
    if len(heads) > 1 or best.is_balanced:
        metrics |= {"macro_f1": best.macro_f1, "balanced": float(best.is_balanced)}
    if len(heads) > 1:
        metrics["other_macro_f1"] = heads[1].macro_f1
        metrics["weights_gain"], metrics["weights_error"] = linear_head.gain_of_weights(heads)
    return metrics


def _part(data: DataSet, fold: int | None) -> DataSet:
    """The data, or what is trained on while one of TUNED_FOLDS folds validates."""
    return data if fold is None else fold_of(data, data.folds(TUNED_FOLDS), fold)


def _tuned(
    config: Config, data: DataSet, trial: Trial, heads: Sequence[Chosen], device: torch.device
) -> dict[str, float]:
    """A fold tuned, beside the head alone on the same fold.

    heads: as of `best_head`, by the fold's training images; tuning begins at the first. Images of
    the fold choose nothing: the last epoch counts.
    """
    best = heads[0]
    weights: Any = "balanced" if best.is_balanced else "none"
    options = trial.options | {"strength": best.strength, "class_weights": weights}
    part = _part(data, trial.fold)
    after, before = (
        _validated(replace(config, **options | {"tune": tune}), part, device)
        for tune in ("all", "head")
    )
    metrics = {"accuracy": after["accuracy"], "head": before["accuracy"]}
    if len(heads) == 1 and not best.is_balanced:
        return metrics | {"gain": after["accuracy"] - before["accuracy"]}
    metrics |= {"macro_f1": after["macro_f1"], "head_macro_f1": before["macro_f1"]}
    return metrics | {"gain": after["macro_f1"] - before["macro_f1"]}


def _validated(config: Config, part: DataSet, device: torch.device) -> dict[str, float]:
    """Accuracy and macro F1 on the validation images after the last epoch of a training."""
    import torch

    from handloom.jobs.classifier.pretrained import build, resolve
    from handloom.jobs.training.trials import best_metrics

    torch.manual_seed(config.seed)
    metrics = best_metrics(build(resolve(config, part), part, device, keeps_last=True))
    return {name: metrics[f"valid/{name}"] for name in ("accuracy", "macro_f1")}


def fold_of(data: DataSet, fold: Tensor, held_out: int) -> DataSet:
    """The training images as a set of their own, of which one fold validates."""
    import torch

    train = data.train.subset(torch.nonzero(fold != held_out)[:, 0])
    valid = data.train.subset(torch.nonzero(fold == held_out)[:, 0])
    return replace(data, train=train, valid=valid, test=None)


def _plan(
    config: Config, data: DataSet, device: torch.device, folds: int
) -> tuple[tuple[float, ...], int, int]:
    """Learning rates to try and epochs of every tuning; 0 epochs where there is no time for any,
    and then the minutes that there must be.

    With --minutes, by the speed of two seconds of real steps: first epochs, up to MOST_EPOCHS, then
    more rates.
    """
    from handloom.jobs.classifier.defaults import tuning_epochs

    lrs = RATES if config.lr is None else (config.lr,)
    usual = tuning_epochs(len(data.train))
    if config.minutes is None:
        return lrs[:1], config.epochs or usual, 0
    per_epoch = OVERHEAD * _seconds_of_epoch(config, data, device)
    left = 60 * config.minutes
    for count in range(len(lrs), 0, -1):
        passes = 1 + count * (folds - 1 if folds else 0)
        epochs = int(left / (per_epoch * passes))
        if epochs >= (usual if count > 1 else FEWEST_EPOCHS):
            return lrs[:count], min(MOST_EPOCHS, epochs), 0
    fewest = FEWEST_EPOCHS * per_epoch * (folds or 1)
    return (), 0, math.ceil(SPARE * fewest / 60)


def _seconds_of_epoch(config: Config, data: DataSet, device: torch.device) -> float:
    """Seconds of an epoch of tuning over all training images."""
    from handloom.engine.callbacks.clock import StopAfter
    from handloom.engine.loop import Fit
    from handloom.jobs.classifier.pretrained import build, resolve

    built = build(resolve(replace(config, tune="all", epochs=1), data), data, device)
    experiment = built.stages[-1].build(None)
    endless = replace(experiment, evaluations={}, monitor=None, epochs=10**9)
    done = Fit(endless, [StopAfter(2.0)]).run()
    return done.seconds / done.step * experiment.train.steps
