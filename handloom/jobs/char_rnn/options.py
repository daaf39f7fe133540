"""Options of the verbs of a char-rnn run."""

from __future__ import annotations

from dataclasses import dataclass

from handloom.config import SEED, option


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Options of `evaluate`."""

    encoding: str | None = option(None, "encoding of this text, such as gb18030; UTF-8 by default")


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """Options of `sample`."""

    prefix: str = option("", "beginning of the text")
    length: int = option(200, "characters to write", 1)
    count: int = option(1, "texts to write", 1)
    temperature: float = option(0.8, "0 is greedy, 1 is the model's own distribution", 0, 100)
    top_k: int | None = option(None, "sample from the k likeliest characters only", 1)
    top_p: float | None = option(
        None, "sample from the likeliest characters that together have probability p", 1e-12, 1
    )
    seed: int = option(0, "same seed, same text", *SEED)
