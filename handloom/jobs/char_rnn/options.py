"""Options of the verbs of a char-rnn run."""

from __future__ import annotations

from dataclasses import dataclass

from handloom.config import SEED, option


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Options of `evaluate`."""

    encoding: str | None = option(None, "of the text named here, such as gb18030; else UTF-8")


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """Options of `sample`."""

    prefix: str = option("", "what the text begins with")
    length: int = option(200, "characters to write", 1)
    count: int = option(1, "texts to write", 1)
    temperature: float = option(0.8, "0 is greedy, 1 the model's own distribution", 0, 100)
    top_k: int | None = option(None, "choose among the k likeliest characters only", 1)
    top_p: float | None = option(None, "choose among the likeliest that together reach p", 1e-12, 1)
    seed: int = option(0, "same seed, same text", *SEED)
