"""The network of a text classifier: its sizes in config.json, and the network of such sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handloom.jobs.text_classifier import sentence
from handloom.jobs.text_classifier.records import NetworkSizes

if TYPE_CHECKING:
    from torch import nn

    from handloom.jobs.text_classifier.config import Resolved
    from handloom.jobs.text_classifier.records import ReaderSizes, Record

ORDERS = {"words": 2, "characters": 4}  # longest runs of tokens that are features


def sizes(
    config: Resolved, vocabulary: int, classes: int, units: str, features: int
) -> NetworkSizes:
    """Of the network that a config asks for."""
    members = [name for name in ("linear", "bayes") if _has(config, name)]
    return NetworkSizes(
        vocabulary=vocabulary,
        classes=classes,
        window=config.window,
        reader=None if config.network == "linear" else _reader(config, classes),
        members=members,
        orders=orders(vocabulary, units),
        features=features if members else 0,
    )


def orders(vocabulary: int, units: str) -> int:
    """The longest run of tokens that is a feature."""
    from handloom.models.text.ngrams import most_orders

    return most_orders(vocabulary, ORDERS[units])


def _has(config: Resolved, member: str) -> bool:
    if member == "bayes":
        return bool(config.bayes)
    return config.network == "linear" or bool(config.tfidf)


def _reader(config: Resolved, classes: int) -> ReaderSizes:
    shared: ReaderSizes = {
        "width": config.embedding,
        "dropout": config.dropout,
        "channel_dropout": config.channel_dropout,
        "frozen": bool(config.freeze_vectors),
    }
    if config.network == "cnn":
        return {"kind": "cnn", **shared, "maps": config.hidden}
    if config.network == "bag":
        return {"kind": "bag", **shared}
    return {
        "kind": "rnn",
        "cell": config.network,
        **shared,
        "hidden": config.hidden,
        "layers": config.layers,
        "bidirectional": config.bidirectional,
        "pool": config.pool,
        "linear": 16 if config.preset else None,
        "one_logit": config.preset is not None and classes == 2,
    }


def networks(record: Record) -> dict[str, nn.Module]:
    """The network of a finished run, from its config.json."""
    sizes = record["network"]
    if "sentence" in sizes:
        return {"network": sentence.network_of(sizes)}
    return {"network": network_of(sizes)}


def network_of(size: NetworkSizes) -> nn.Module:
    """The network of such sizes, with weights at random."""
    from handloom.models.text.classifiers import BagOfWords, TextCNN, TextRNN
    from handloom.models.text.ensemble import Ensemble, Windowed
    from handloom.models.text.linear import TfidfLinear
    from handloom.models.text.naive_bayes import NaiveBayes
    from handloom.models.text.ngrams import NGrams

    network: nn.Module | None = None
    if size["reader"] is not None:
        given: dict[str, Any] = {
            **size["reader"],
            "vocabulary": size["vocabulary"],
            "classes": size["classes"],
        }
        kind = {"rnn": TextRNN, "cnn": TextCNN, "bag": BagOfWords}[given.pop("kind")]
        network = Windowed(kind(**given), size["window"])
    if not size["members"]:
        assert network is not None
        return network
    return Ensemble(
        network,
        NGrams(size["vocabulary"], size["orders"], size["features"]),
        TfidfLinear(size["features"], size["classes"]) if "linear" in size["members"] else None,
        NaiveBayes(size["features"], size["classes"]) if "bayes" in size["members"] else None,
    )


def reader_of(network: nn.Module) -> nn.Module | None:
    """The network that reads token by token, inside windows and ensembles; None without one."""
    from handloom.models.text.ensemble import Ensemble, Windowed

    inner = network.network if isinstance(network, Ensemble) else network
    return inner.network if isinstance(inner, Windowed) else inner
