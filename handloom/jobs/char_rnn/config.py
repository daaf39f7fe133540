"""Options of `train char-rnn`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.options import ResolvedTraining, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig):
    """Options of `train char-rnn`; `batch` counts streams of text read side by side."""

    cell: Literal["lstm", "gru", "rnn", "scratch"] = option(
        "lstm", "scratch is rnn written out as its equations, to learn from"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's network and training, on 10,000 characters"
    )
    hidden: int | None = option(None, "width of the hidden state", 1, 8192)
    layers: int | None = option(None, "number of recurrent layers", 1, 16)
    embedding: int | None = option(None, "width of the character embedding", 1, 8192)
    nonlinearity: Literal["tanh", "relu"] = option("tanh", "of the cells rnn and scratch")
    dropout: float | None = option(
        None, "share of features dropped before, between and after layers", 0, 0.9
    )
    tied: bool = option(False, "share one table between input and output, as wide as hidden")
    sampling: Literal["consecutive", "random"] = option(
        "consecutive",
        "consecutive: batches carry the state on; random: each begins with an empty state",
    )
    seq_len: int | None = option(
        None, "characters per sequence: how far the gradient goes back", 1, 4096
    )
    optimizer: Literal["adam", "sgd"] | None = option(None, "sgd is plain SGD, for use with --clip")
    schedule: Literal["constant", "one-cycle"] | None = option(
        None, "schedule of the learning rate"
    )
    characters: int | None = option(None, "train on only this many characters, the first", 2)
    held_out: float | None = option(
        None, "fraction at the end of the text held out for validation", 0, 0.9
    )
    joined: bool | None = option(None, "read line breaks as spaces")
    encoding: str = option("utf-8", "encoding of the file, such as gb18030 or latin-1")
    prefixes: str | None = option(
        None, "beginnings of the samples written during training, separated by |"
    )


@dataclass(frozen=True, kw_only=True)
class Resolved(ResolvedTraining, Config):
    """Config with every option chosen; embedding is None for cells that read one-hot vectors."""

    hidden: int
    layers: int
    dropout: float
    seq_len: int
    optimizer: Literal["adam", "sgd"]
    schedule: Literal["constant", "one-cycle"]
    held_out: float
    joined: bool
    weight_decay: float
