"""What config.json of a text classifier says, in addition to that of every job."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict, final

from handloom.runs.records import RunConfig

Tokenizer = dict[str, Any]
"""As the library `tokenizers` writes one: see `data.text.tokenizer.saved`."""


class TextPreprocessing(TypedDict):
    """How a text becomes tokens. max_length: tokens that are read. keep_unknown: words that are
    not known count as tokens. units: words, characters, or pieces of a pretrained network."""

    max_length: int
    keep_unknown: bool
    units: str


class ReaderSizes(TypedDict, total=False):
    """The network that reads: its kind (rnn, cnn or bag), and what the constructor in
    `models.text.classifiers` takes beside the vocabulary and the classes."""

    kind: str
    cell: str
    width: int | None
    dropout: float
    channel_dropout: float
    frozen: bool
    maps: int
    hidden: int
    layers: int
    bidirectional: bool
    pool: str
    linear: int | None
    one_logit: bool


@final
class NetworkSizes(TypedDict):
    """A network of one vocabulary.

    vocabulary: V. classes: K. window: tokens that are read at once. reader: None where linear
    models alone classify. members: the linear models beside it, "linear" and "bayes". orders:
    longest run of tokens that is a feature of those. features: how many they have.
    """

    vocabulary: int
    classes: int
    window: int
    reader: ReaderSizes | None
    members: list[str]
    orders: int
    features: int


@final
class SentenceSizes(TypedDict):
    """A pretrained network of sentences, as `encoders.sentence` records it, with a head."""

    sentence: dict[str, Any]
    classes: int


class Record(RunConfig):
    """config.json of a text classifier.

    coverage: shares of the words and of the running text that pretrained vectors know, None without
    vectors. rarer: of two classes the one with fewer training texts.
    """

    network: NetworkSizes | SentenceSizes
    classes: list[str]
    tokenizer: Tokenizer
    preprocessing: TextPreprocessing
    coverage: dict[str, float] | None
    texts: dict[str, int]
    rarer: NotRequired[str | None]
