"""Options of `train text-classifier`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import SEED, option
from handloom.jobs.classification.corrections import CorrectionOptions
from handloom.jobs.options import BALANCED, SPLIT_SEED, UNCLEAR_LABELS, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class TextDataOptions:
    """How texts are read and divided."""

    validation: float | None = option(None, "share of the texts held out for validation", 0, 0.9)
    test_share: float | None = option(None, "share of the texts held out for the test", 0, 0.9)
    valid: str | None = option(None, "separate validation data: a table or a folder", is_path=True)
    test: str | None = option(None, "separate test data: a table or a folder", is_path=True)
    split_seed: int | None = option(None, SPLIT_SEED, *SEED)
    splits: str | None = option(
        None, "what the cells of a column 'split' mean, as in train=a,valid=b; none: ignore it"
    )
    text_column: str | None = option(None, "column of the texts, by name or position from 1")
    target_column: str | None = option(None, "column of the classes, by name or position from 1")
    unclear_labels: Literal["class", "drop"] | None = option(None, UNCLEAR_LABELS)
    strict: bool = option(False, "stop at a row that cannot be read instead of leaving it out")
    encoding: str | None = option(
        None, "encoding of the data, such as gb18030; by default UTF-8, or by the byte order mark"
    )


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig, TextDataOptions, CorrectionOptions):
    """Options of `train text-classifier`."""

    network: str = option(
        "auto", "linear: TF-IDF with logistic regression; lstm, gru; cnn: Kim's; bag: the mean of "
        "word vectors; sentence:NAME: a pretrained encoder; auto: the best of several by validation"
    )  # fmt: skip
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's LSTM and training, to the letter"
    )
    vectors: str | None = option(
        None, "initial word vectors: a file (.txt, .vec, .bin, .gz, .zip) or a name such as "
        "glove.6B.100d", is_path=True,
    )  # fmt: skip
    weights: str | None = option(
        None,
        "folder of a sentence encoder's weights, for networks named sentence:NAME",
        is_path=True,
    )
    freeze_vectors: bool = option(False, "do not train the word vectors, as in the tutorial")
    embedding: int | None = option(None, "width of the word vectors, without --vectors", 1, 4096)
    units: Literal["words", "characters"] | None = option(
        None, "what a text is split into; by default characters where spaces do not separate words"
    )
    vocab_size: int | None = option(None, "largest vocabulary; the most frequent words are kept", 1)
    min_count: int | None = option(None, "times a word must occur to be in the vocabulary", 1)
    max_length: int | None = option(
        None, "words that are read of a text, the last ones; by default as time allows",
        1, 100_000_000, synonyms=("tokens", "seq-len", "max-len"),
    )  # fmt: skip
    window: int | None = option(
        None, "words the network reads at once; logits of a long text's windows are averaged",
        8, 100_000,
    )  # fmt: skip
    hidden: int | None = option(None, "width of the LSTM or GRU, or maps per convolution", 1)
    layers: int | None = option(None, "layers of the LSTM or GRU", 1, 8)
    bidirectional: bool | None = option(None, "read the text backwards too (LSTM, GRU)")
    pool: Literal["max", "mean"] | None = option(None, "pooling over time of the LSTM or GRU")
    dropout: float | None = option(None, "share of features dropped", 0, 0.9)
    channel_dropout: float | None = option(
        None, "share of the word vectors' channels dropped, for a whole text", 0, 0.9
    )
    bayes: bool | None = option(None, "average the logits with a bigram naive Bayes model")
    tfidf: bool | None = option(
        None, "average the logits with a logistic regression on TF-IDF features"
    )
    strength: float | None = option(
        None, "C of the logistic regression; smaller regularises more", 1e-6, 1e6
    )
    class_weights: Literal["none", "balanced"] = option("none", BALANCED)
    label_smoothing: float | None = option(
        None, "share of the target that is spread over all classes", 0, 0.9
    )
    schedule: Literal["constant", "one-cycle"] | None = option(
        None, "schedule of the learning rate"
    )


@dataclass(frozen=True, kw_only=True)
class Resolved(Config):
    """Config with every option chosen; epochs are None of a linear model, which is solved."""

    batch: int
    lr: float
    weight_decay: float
    embedding: int
    units: Literal["words", "characters"]
    vocab_size: int
    min_count: int
    max_length: int
    window: int
    hidden: int
    layers: int
    bidirectional: bool
    pool: Literal["max", "mean"]
    dropout: float
    channel_dropout: float
    bayes: bool
    tfidf: bool
    strength: float
    label_smoothing: float
    schedule: Literal["constant", "one-cycle"]
    validation: float
    test_share: float
