"""Which options a training of a text classifier does not use, declared only here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handloom.jobs.text_classifier.names import is_sentence, is_solved

OF_STEPS = (
    "epochs", "minutes", "batch", "lr", "weight_decay", "clip", "grad_accum_steps",
    "label_smoothing", "schedule",
)  # fmt: skip
OF_READERS = (
    "vectors", "embedding", "freeze_vectors", "window", "hidden", "layers", "bidirectional", "pool",
    "dropout", "channel_dropout",
)  # fmt: skip
OF_WORDS = ("units", "vocab_size", "min_count", "max_length")
OF_RECURRENT = ("layers", "bidirectional", "pool")


def unused(options: Mapping[str, Any]) -> dict[str, str]:
    """Names of the options that a training by these, all of them chosen, does not use, and why."""
    network = options["network"]
    names = dict[str, str]()
    if is_solved(network):
        why = f"{network} is solved in closed form, without steps and layers to train"
        names |= dict.fromkeys((*OF_STEPS, *OF_READERS), why)
    elif network in ("cnn", "bag"):
        names |= dict.fromkeys(OF_RECURRENT, f"it is of lstm and gru, and {network} has none")
    if not is_solved(network) and options["vectors"] is None:
        names["freeze_vectors"] = "there are no vectors: --vectors names them"
    if network == "bag":
        names["hidden"] = "bag has no layer between words and classes"
    if network == "linear":
        names["tfidf"] = "linear is the model on TF-IDF features itself"
    if is_sentence(network):
        names |= dict.fromkeys(OF_WORDS, "a sentence encoder reads by its own tokens")
    else:
        names["weights"] = "it is of sentence encoders, as in --network sentence:NAME"
        if network != "linear" and not options["tfidf"]:
            names["strength"] = "no logistic regression is part of this network"
    return names
