"""The network of a text classifier: its sizes in config.json, and the network of such sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from handloom.jobs.text_classifier.build import Config


def sizes(config: Config, vocabulary: int, classes: int) -> dict[str, Any]:
    """Everything the network's constructor takes, and its kind."""
    shared: dict[str, Any] = {
        "vocabulary": vocabulary,
        "width": config.embedding,
        "classes": classes,
        "dropout": config.dropout,
        "channel_dropout": config.channel_dropout,
        "frozen": bool(config.freeze_vectors),
    }
    shared |= {"bayes": True} if config.bayes else {}
    if config.network in ("cnn", "bag"):
        maps = {"maps": config.hidden} if config.network == "cnn" else {}
        return {"kind": config.network} | shared | maps
    return (
        {"kind": "rnn", "cell": config.network}
        | shared
        | {
            "hidden": config.hidden,
            "layers": config.layers,
            "both_ways": config.both_ways,
            "pool": config.pool,
            "linear": 16 if config.preset else None,
            "one_logit": config.preset is not None and classes == 2,
        }
    )


def networks(record: dict[str, Any]) -> dict[str, nn.Module]:
    """The network of a finished run, from its config.json."""
    from handloom.models.text.classifiers import BagOfWords, TextCNN, TextRNN
    from handloom.models.text.naive_bayes import NaiveBayes

    given = dict(record["network"])
    bayes = given.pop("bayes", False)  # older runs have none
    kind = {"rnn": TextRNN, "cnn": TextCNN, "bag": BagOfWords}[given.pop("kind")]
    network: nn.Module = kind(**given)
    if bayes:
        network = NaiveBayes(network, given["vocabulary"], given["classes"])
    return {"network": network}
