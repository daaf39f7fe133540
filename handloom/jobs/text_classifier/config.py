"""Options of `train text-classifier`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.options import BALANCED, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig):
    """Options of `train text-classifier`."""

    network: Literal["auto", "linear", "lstm", "gru", "cnn", "bag"] = option(
        "auto", "auto tries some and takes what validates best; linear is TF-IDF with logistic "
        "regression, cnn is Kim's, bag is the mean of word vectors"
    )  # fmt: skip
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's LSTM and training to the letter"
    )
    vectors: str | None = option(
        None, "word vectors to begin with: a file (.txt, .vec, .bin, .gz, .zip) or a name, "
        "glove.6B.100d"
    )  # fmt: skip
    freeze_vectors: bool = option(False, "do not change the word vectors; the tutorial does so")
    embedding: int | None = option(None, "width of the word vectors, where none are given", 1, 4096)
    units: Literal["words", "characters"] | None = option(
        None, "what a text is cut into; by default words, and characters where words do not split"
    )
    vocab_size: int | None = option(None, "size of the vocabulary, the commonest words", 1)
    min_count: int | None = option(None, "a word must occur so often to be known", 1)
    max_length: int | None = option(
        None, "read the last so many words of a text; by default as many as there is time for",
        1, 1_000_000,
    )  # fmt: skip
    window: int | None = option(
        None, "words a network reads at once; the logits of a long text's windows are averaged",
        8, 100_000,
    )  # fmt: skip
    hidden: int | None = option(None, "width of the LSTM or GRU, or maps of each convolution", 1)
    layers: int | None = option(None, "of the LSTM or GRU", 1, 8)
    bidirectional: bool | None = option(None, "the LSTM or GRU reads backwards too")
    pool: Literal["max", "mean"] | None = option(None, "over time, of the LSTM or GRU")
    dropout: float | None = option(None, "share of features dropped", 0, 0.9)
    channel_dropout: float | None = option(
        None, "share of the word vectors' channels dropped in a text", 0, 0.9
    )
    bayes: bool | None = option(None, "average the logits with a bigram naive Bayes model")
    tfidf: bool | None = option(
        None, "average the logits with a logistic regression on TF-IDF features"
    )
    strength: float | None = option(
        None, "C of the logistic regression; smaller is smoother", 1e-6, 1e6
    )
    class_weights: Literal["none", "balanced"] = option("none", BALANCED)
    label_smoothing: float | None = option(
        None, "share of the target spread over all classes", 0, 0.9
    )
    schedule: Literal["constant", "one-cycle"] | None = option(None, "of the learning rate")
    validation: float | None = option(None, "share of the texts kept for validation", 0, 0.9)
    test_share: float | None = option(None, "share of the texts kept for the test", 0, 0.9)
    valid: str | None = option(None, "data of their own for validation: a table or a folder")
    test: str | None = option(None, "data of their own for the test: a table or a folder")
    split_seed: int | None = option(None, "of the split; by default the seed", 0)
    splits: str | None = option(
        None, "what the cells of a column 'split' mean, as in train=a,valid=b; none ignores it"
    )
    text_column: str | None = option(None, "column of the texts, by name or position from 1")
    target_column: str | None = option(None, "column of the classes, by name or position from 1")
    classes_as_written: bool = option(
        False, "take every target as a class: numbers, several labels in a cell, NA and None too"
    )
    strict: bool = option(False, "stop at a row that cannot be read, instead of leaving it out")
    encoding: str | None = option(
        None, "of the data, such as gb18030 or cp1252; by default UTF-8, or what a mark says"
    )
