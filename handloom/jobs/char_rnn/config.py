"""Options of `train char-rnn`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.options import TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig):
    """Options of `train char-rnn`; `batch` counts streams of text read side by side."""

    cell: Literal["lstm", "gru", "rnn", "scratch"] = option(
        "lstm", "scratch is rnn written out, for reading and learning"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's network and training, on 10,000 characters"
    )
    hidden: int | None = option(None, "width of the hidden state", 1, 8192)
    layers: int | None = option(None, "recurrent layers, one above the other", 1, 16)
    embedding: int | None = option(None, "width of the look-up table of characters", 1, 8192)
    nonlinearity: Literal["tanh", "relu"] = option("tanh", "of rnn and scratch")
    dropout: float | None = option(None, "share of features dropped around the layers", 0, 0.9)
    tied: bool = option(False, "one table for reading and writing; embedding is as wide as hidden")
    sampling: Literal["consecutive", "random"] = option(
        "consecutive", "consecutive carries the state from batch to batch, random begins anew"
    )
    seq_len: int | None = option(None, "characters a gradient goes back", 1, 4096)
    optimizer: Literal["adam", "sgd"] | None = option(None, "sgd is plain, for clipped steps")
    schedule: Literal["constant", "one-cycle"] | None = option(None, "of the learning rate")
    characters: int | None = option(None, "learn the first so many characters only", 2)
    held_out: float | None = option(
        None, "fraction at the end of the text held out for validation", 0, 0.9
    )
    joined: bool | None = option(None, "read line breaks as spaces")
    encoding: str = option("utf-8", "of the file, such as gb18030 or latin-1")
    prefixes: str | None = option(
        None, "what the samples during training begin with, several separated by |"
    )
