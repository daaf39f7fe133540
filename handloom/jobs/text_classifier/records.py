"""What config.json of a text classifier says, beside what that of every job does."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from handloom.runs.records import RunConfig

Tokenizer = dict[str, Any]
"""As the library `tokenizers` writes one: see `data.text.tokenizer.saved`."""


class TextPreprocessing(TypedDict):
    """How a text becomes tokens. max_length: tokens that are read. keep_unknown: words that are
    not known count as tokens. units: words, characters, or pieces of a pretrained network."""

    max_length: int
    keep_unknown: bool
    units: str


class Record(RunConfig):
    """config.json of a text classifier.

    network: `jobs.text_classifier.network.Sizes`, or those of a sentence encoder. coverage: shares
    of the words and of the running text that pretrained vectors know, None without vectors. rarer:
    of two classes the one with fewer training texts.
    """

    network: dict[str, Any]
    classes: list[str]
    tokenizer: Tokenizer
    preprocessing: TextPreprocessing
    coverage: dict[str, float] | None
    texts: dict[str, int]
    rarer: NotRequired[str | None]
