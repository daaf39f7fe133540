"""What is chosen where an option of a text classifier is left open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handloom.runs.records import Options

if TYPE_CHECKING:
    from handloom.jobs.text_classifier.config import Config

SHARED: Options = dict(
    label_smoothing=0.0, schedule="one-cycle", validation=0.1, test_share=0.1, embedding=100,
    vocab_size=30_000, min_count=1, window=256, layers=1, bidirectional=True, pool="max",
    weight_decay=1e-2, clip=1.0, strength=4.0, tfidf=False,
)  # fmt: skip
RECURRENT: Options = dict(epochs=4, batch=50, lr=3e-3, hidden=100, dropout=0.5, channel_dropout=0.0)
NETWORKS: dict[str, Options] = {
    "lstm": RECURRENT,
    "gru": RECURRENT,
    "cnn": dict(epochs=4, batch=50, lr=1e-3, hidden=100, dropout=0.5, channel_dropout=0.0),
    "bag": dict(epochs=6, batch=64, lr=1e-2, hidden=1, dropout=0.3, channel_dropout=0.0),
    "linear": dict(batch=256, lr=0.0, hidden=1, dropout=0.0, channel_dropout=0.0, bayes=False),
    "auto": {},
}
SENTENCE: Options = NETWORKS["linear"] | dict(strength=1.0)
RIVAL: Options = dict(network="linear", bayes=False, tfidf=False, strength=4.0)
FEW = 2_000  # training texts; below, steps are smaller and epochs more, or nothing is learned
FEW_TEXTS: Options = dict(batch=16, epochs=20)
TUTORIAL: Options = dict(
    epochs=10, batch=128, lr=1e-3, weight_decay=0.0, label_smoothing=0.0,
    schedule="constant", validation=0.2, test_share=0.0, embedding=300, vocab_size=998, min_count=1,
    max_length=70, window=70, hidden=40, layers=1, bidirectional=False, pool="max", dropout=0.0,
    channel_dropout=0.1, split_seed=123, bayes=False, tfidf=False, strength=4.0, units="words",
)  # fmt: skip
MOST_TOKENS = 20_000_000  # read in an epoch
SHORTEST_BUDGET = 1_000  # tokens of a text that are always read


def before_data(config: Config) -> Config:
    """The config with whatever is chosen before the data are known."""
    chosen = TUTORIAL if config.preset else SHARED | NETWORKS.get(config.network, SENTENCE)
    left_open = {name: chosen[name] for name in chosen if vars(config)[name] is None}
    if config.preset:
        left_open |= {"network": "lstm", "freeze_vectors": True}
    return replace(config, **left_open)


def as_asked(config: Config, options: Options) -> Options:
    """The options of a candidate, but for those that the user decided."""
    asked = {name: vars(config)[name] for name in options if name != "network"}
    return options | {name: value for name, value in asked.items() if value is not None}


def length_for(texts: int) -> int:
    """Tokens of a text that are read, within what an epoch of so many texts has time for."""
    return max(SHORTEST_BUDGET, MOST_TOKENS // max(texts, 1))
