"""What config.json and evaluation.json of a char-rnn say, in addition to those of every job."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from handloom.runs.records import Evaluated, RunConfig


class NetworkSizes(TypedDict):
    """What the constructors in `models.text.char_rnn` take; the scratch cell has no layers."""

    cell: str
    vocabulary: int
    hidden: int
    relu: bool
    layers: NotRequired[int]
    embedding: NotRequired[int | None]
    dropout: NotRequired[float]
    tied: NotRequired[bool]


class CorpusPreprocessing(TypedDict):
    """How a text is read. joined: lines are joined by spaces."""

    encoding: str
    joined: bool


class Record(RunConfig):
    """config.json of a char-rnn. vocabulary, frequent, escape: see `jobs.char_rnn.build.Text`."""

    network: NetworkSizes
    vocabulary: str
    frequent: int
    escape: float
    preprocessing: CorpusPreprocessing
    characters: dict[str, int]


class Figures(TypedDict):
    """How well a text is predicted. loss: nats a character."""

    bits_per_character: float
    perplexity: float
    loss: float


class Evaluation(Evaluated, total=False):
    """evaluation.json of a char-rnn: `Figures` of held-out text.

    unknown: share of the characters that were never seen in training. train: figures of training
    text; xz, bzip2: bits a character that compressors need, given that text first. All are None
    where it is no longer there, and those of compressors for a short text.
    """

    characters: int
    unknown: float
    bits_per_character: float
    perplexity: float
    loss: float
    train: Figures | None
    xz: float | None
    bzip2: float | None
