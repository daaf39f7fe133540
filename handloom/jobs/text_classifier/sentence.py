"""A sentence encoder in a text classifier: its tokens, its vectors, and a head that is solved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.encoders.sentence import SentenceEncoder
    from handloom.jobs.text_classifier.config import Config, Resolved
    from handloom.jobs.text_classifier.encoded import EncodedTexts
    from handloom.jobs.text_classifier.records import SentenceSizes


def default_encoder(config: Config) -> str | None:
    """The encoder that is tried without being asked for: the default, where its weights are."""
    from handloom.encoders.sentence import DEFAULT, is_at_hand

    return DEFAULT if is_at_hand(DEFAULT, folder_of(config)) else None


def opened_encoder(spec: str, config: Config, device: torch.device) -> SentenceEncoder:
    """The encoder, in the precision of the run."""
    from handloom.encoders.sentence import find_sentence

    precision = config.precision
    if precision == "auto" and device.type == "cpu":
        precision = "float32"
    return find_sentence(spec, folder_of(config), device, precision)


def folder_of(config: Config) -> Path | None:
    """`--weights` as a path."""
    return None if config.weights is None else Path(config.weights).expanduser()


def as_pieces(data: EncodedTexts, encoder: SentenceEncoder) -> EncodedTexts:
    """The same texts as the encoder's tokens."""
    from tokenizers import Tokenizer

    from handloom.encoders.sentence import tokens_of

    splits = {}
    for name, part in data.texts.splits.items():
        assert part.label is not None
        tokens = tokens_of(encoder.tokenizer, part.text)
        splits[name] = (tokens.ids, tokens.length, part.label)
    cut = sum(int((length >= encoder.max_length).sum()) for _, length, _ in splits.values())
    notes = list(data.notes)
    if cut:
        notes.append(f"of {cut:,} texts only the first {encoder.max_length} tokens are read")
    return replace(
        data,
        tokenizer=Tokenizer.from_str(json.dumps(encoder.tokenizer)),
        units="pieces",
        max_length=encoder.max_length,
        splits=splits,
        rows=None,
        vector=None,
        coverage=None,
        notes=notes,
    )


def sizes(encoder: SentenceEncoder, classes: int) -> SentenceSizes:
    """What config.json records of the network."""
    return {"sentence": encoder.sizes, "classes": classes}


def network_of(recorded: SentenceSizes) -> nn.Module:
    """The network by what was recorded, with weights at random."""
    from handloom.encoders.sentence import sentence_backbone
    from handloom.models.text.sentence import SentenceClassifier

    backbone = sentence_backbone(recorded["sentence"])
    return SentenceClassifier(backbone, recorded["sentence"]["width"], recorded["classes"])


def solved(config: Resolved, data: EncodedTexts, encoder: SentenceEncoder) -> nn.Module:
    """The encoder with a head of logistic regression on the vectors of the training texts."""
    import torch

    from handloom.encoders.sentence import Tokens
    from handloom.jobs.classification.regression import logistic
    from handloom.models.text.sentence import SentenceClassifier

    ids, length, label = data.splits["train"]
    vectors = encoder.encode(Tokens(ids, length))
    network = SentenceClassifier(encoder.network, encoder.width, data.classes)
    is_balanced = config.class_weights == "balanced"
    weight, bias = logistic(vectors.numpy(), label, data.classes, config.strength, is_balanced)
    with torch.no_grad():
        network.head.weight.copy_(weight)
        network.head.bias.copy_(bias)
    return network


def fold_logits(
    vectors: Tensor, label: Tensor, fold: Tensor, strength: float, is_balanced: bool, classes: int
) -> Tensor:
    """What a head says of the vectors (N, D) of a fold, logits (M, K), learned from the others.

    fold: bool (N,).
    """
    from handloom.jobs.classification.regression import logistic

    weight, bias = logistic(vectors[~fold].numpy(), label[~fold], classes, strength, is_balanced)
    return vectors[fold] @ weight.T + bias
