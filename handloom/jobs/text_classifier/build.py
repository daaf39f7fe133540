"""Text classifier: a table of labelled texts becomes a network that reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handloom.jobs.classification.evaluation import imbalance
from handloom.jobs.options import fill
from handloom.jobs.text_classifier import sentence
from handloom.jobs.text_classifier.config import Config, Resolved
from handloom.jobs.text_classifier.defaults import (
    FEW,
    FEW_TEXTS,
    RIVAL,
    as_asked,
    before_data,
)
from handloom.jobs.text_classifier.encoded import EncodedTexts, load
from handloom.jobs.text_classifier.names import is_sentence, is_solved
from handloom.jobs.text_classifier.network import (
    network_of,
    networks,
    orders,
    reader_of,
    sizes,
)
from handloom.jobs.training.stage import Built, Stage, single
from handloom.runs.records import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.engine.loop import Experiment
    from handloom.jobs.text_classifier.records import NetworkSizes, Record, SentenceSizes
    from handloom.objectives.text_classification import TextClassification

__all__ = ["Config", "build", "load", "networks", "resolve"]


def resolve(config: Config, data: EncodedTexts) -> Resolved:
    """Choose what was left open, for the number of texts and the width of the vectors."""
    if config.network == "auto" and not config.preset:  # too few texts to try anything
        config = replace(config, **as_asked(config, RIVAL))
    chosen: Options = {"units": data.units, "max_length": data.max_length}
    if not config.preset and not is_solved(config.network):
        is_few = len(data.texts.train) < FEW
        chosen |= {"bayes": not is_few} | (FEW_TEXTS if is_few else {})
    if data.vector is not None:
        chosen["embedding"] = data.vector.shape[1]
    given = {name: value for name, value in chosen.items() if vars(config)[name] is None}
    config = before_data(replace(config, **given))
    freeze = config.freeze_vectors and data.vector is not None
    return fill(Resolved, replace(config, freeze_vectors=freeze), {})


def build(config: Resolved, data: EncodedTexts, device: torch.device) -> Built:
    """Network, objective, buckets, optimizer."""
    if is_sentence(config.network):
        encoder = sentence.opened_encoder(config.network, config, device)
        data = sentence.as_pieces(data, encoder)
        shape: NetworkSizes | SentenceSizes = sentence.sizes(encoder, data.classes)
        network = sentence.solved(config, data, encoder)
    else:
        keys = _keys(config, data)
        features = 0 if keys is None else len(keys)
        size = sizes(config, data.vocabulary, data.classes, data.units, features)
        shape = size
        network = _begun(config, data, network_of(size), keys)
    objective = _objective(config, data, network.to(device))
    experiment = _experiment(config, data, objective, device)
    record = _record(config, data, shape)
    notes = data.notes + imbalance(
        data.splits["train"][2], data.texts.classes, "texts", config.class_weights == "balanced"
    )
    if is_solved(config.network):
        remedy = "--network lstm"
        stage = Stage("linear", 0, lambda previous: experiment, remedy=remedy)
        return Built([stage], record, notes)
    return Built(single(experiment), record, notes)


def _epochs(config: Resolved) -> int:
    if is_solved(config.network):
        return 0
    assert config.epochs is not None  # resolved
    return config.epochs


def _experiment(
    config: Resolved, data: EncodedTexts, objective: TextClassification, device: torch.device
) -> Experiment:
    from handloom.division.splits import watched
    from handloom.engine.loop import Experiment
    from handloom.engine.objective import trainable
    from handloom.engine.optim import Adam
    from handloom.engine.schedule import make, scheduled_lr

    network = objective.network
    parameters = trainable(list(network.parameters()))
    optimizer = Adam(parameters, config.lr, weight_decay=config.weight_decay, decoupled=True)
    evaluated = watched(data.splits)
    monitor = "valid/macro_f1" if config.class_weights == "balanced" else "valid/loss"
    is_monitored = evaluated == "valid" and not config.preset and not is_solved(config.network)
    return Experiment(
        objective=objective,
        train=_buckets(data, "train", config.batch, device, config.seed),
        optimizers={"network": optimizer},
        epochs=_epochs(config),
        networks={"network": network},
        precision=_precision(config, device),
        evaluations={evaluated: _evaluation(data, evaluated, device)} if evaluated else {},
        monitor=monitor if is_monitored else None,
        lower_is_better=monitor == "valid/loss",
        scheduled=scheduled_lr(optimizer, make(config.schedule)),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
    )


def _keys(config: Resolved, data: EncodedTexts) -> Tensor | None:
    """The features of the linear models, where there are some."""
    from handloom.jobs.text_classifier.linear import features_of

    if config.network != "linear" and not config.bayes and not config.tfidf:
        return None
    tokens, length, _ = data.splits["train"]
    longest = orders(data.vocabulary, data.units)
    return features_of(tokens, length, data.vocabulary, longest, data.classes)


def _begun(
    config: Resolved, data: EncodedTexts, network: nn.Module, keys: Tensor | None
) -> nn.Module:
    """The network as its training begins: linear members solved, words with their vectors."""
    from handloom.jobs.text_classifier.linear import solve
    from handloom.models.text.classifiers import WordTable
    from handloom.models.text.ensemble import Ensemble

    if isinstance(network, Ensemble) and keys is not None:
        is_balanced = config.class_weights == "balanced"
        solve(network, keys, data.splits["train"], config.strength, is_balanced)
    reader = reader_of(network)
    if data.vector is not None and data.rows is not None and reader is not None:
        words = reader.get_submodule("words")
        assert isinstance(words, WordTable)
        words.begin_with(data.rows, data.vector)
    return network


def _objective(config: Resolved, data: EncodedTexts, network: nn.Module) -> TextClassification:
    from handloom.engine.objective import nothing
    from handloom.metrics.classification import balanced_weights
    from handloom.models.text.classifiers import TextCNN
    from handloom.objectives.text_classification import TextClassification

    is_balanced = config.class_weights == "balanced"
    weight = balanced_weights(data.splits["train"][2], data.classes) if is_balanced else None
    reader = reader_of(network)
    project = reader.project if isinstance(reader, TextCNN) else nothing
    objective = TextClassification(network, weight, config.label_smoothing, project)
    return objective.to(next(network.parameters()).device)


def _record(config: Resolved, data: EncodedTexts, shape: NetworkSizes | SentenceSizes) -> Record:
    from handloom.data.text.tokenizer import saved

    record: Record = {
        "network": shape,
        "classes": list(data.texts.classes),
        "tokenizer": saved(data.tokenizer),
        "preprocessing": {
            "max_length": data.max_length,
            "keep_unknown": config.preset is None,
            "units": data.units,
        },
        "coverage": data.coverage,
        "fingerprint": data.texts.fingerprint,
        "texts": {name: len(part) for name, part in data.texts.splits.items()},
        "rarer": _rarer(data),
    }
    if data.texts.corrections is not None:
        record["corrections"] = data.texts.corrections
    return record


def _rarer(data: EncodedTexts) -> str | None:
    """Of two classes the one with fewer training texts, of equal ones the first."""
    classes, label = data.texts.classes, data.texts.train.label
    assert label is not None
    count = label.bincount(minlength=len(classes))
    return classes[int(count.argmin())] if len(classes) == 2 else None


def _buckets(
    data: EncodedTexts, split: str, batch: int, device: torch.device, seed: int | None = None
) -> Any:
    """Shuffled by `seed` for training; all, the shortest first, without one."""
    from handloom.data.text.buckets import Buckets

    return Buckets(*data.splits[split], batch, device, seed is not None, seed or 0)


def _evaluation(data: EncodedTexts, split: str, device: torch.device) -> Any:
    from handloom.jobs.text_classifier.explain import at_once

    return _buckets(data, split, at_once(int(data.splits[split][1].max()), 256), device)


def _precision(config: Resolved, device: torch.device) -> Any:
    """float32 on a CPU unless bfloat16 is asked for: at these widths the casts cost more than the
    products gain (LSTM 40, batch 128: 17.5 ms in bfloat16, 17.7 ms in float32)."""
    from handloom.engine.precision import Precision

    wanted = "float32" if device.type == "cpu" and config.precision == "auto" else config.precision
    return Precision.resolve(device, wanted)
