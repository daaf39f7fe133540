"""Texts as the arguments of a network, by a description that a file can hold; without torch."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypedDict

import numpy as np

from handloom.data.text.clip_tokenizer import ClipTokenizer, cleaner
from handloom.data.text.tokenizer import PAD, whole_characters
from handloom.errors import UserError

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Tokenize = Callable[[Sequence[str]], list[list[int]]]


class TokenReading(TypedDict, total=False):
    """How texts become tokens.

    clean: as of `cleaner`; without it texts are read as they are. tokenizer: as the library
    `tokenizers` writes one; merges: of CLIP's own in its place. left_out: tokens that are passed
    over. most: how many are read of a text, the first ones.
    """

    clean: str
    tokenizer: Mapping[str, object]
    merges: list[str]
    left_out: list[int]
    most: int


class TokenReader:
    """Texts to tokens int64 (N, T), padded with 0 on the right, and lengths int64 (N,), 1 at least.

    Raises ImportError where a library that reads them is missing.
    """

    def __init__(self, reading: TokenReading) -> None:
        self._left_out = frozenset(reading.get("left_out", ()))
        self._clean = cleaner(reading["clean"]) if "clean" in reading else None
        self._most = reading["most"]
        self._tokenizer: Any = None
        if "merges" in reading:
            self._rows: Tokenize = ClipTokenizer(reading["merges"], self._most)
        else:
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_str(json.dumps(reading["tokenizer"]))
            self._rows = self._by_library

    def __call__(self, texts: Sequence[str]) -> tuple[Numbers, Numbers]:
        if self._clean is not None:
            texts = [self._clean(text) for text in texts]
        rows = [self._kept(row)[: self._most] or [PAD] for row in self._rows(texts)]
        length = np.array([len(row) for row in rows], np.int64)
        tokens = np.full((len(rows), max(length, default=1)), PAD, np.int64)
        for place, row in enumerate(rows):
            tokens[place, : len(row)] = row
        return tokens, length

    def unknown(self, text: str) -> tuple[tuple[str, ...], bool]:
        """The words of a text that are passed over, and whether any is read."""
        if not self._left_out:
            return (), True
        encoding = self._tokenizer.encode(*whole_characters([text]))
        pairs = zip(encoding.ids, encoding.offsets, strict=True)
        words = [text[start:end] for token, (start, end) in pairs if token in self._left_out]
        return tuple(words), any(token != PAD for token in self._kept(encoding.ids))

    def words(self) -> list[str]:
        """What it knows, as far as a library keeps that."""
        return [] if self._tokenizer is None else sorted(self._tokenizer.get_vocab())

    def _by_library(self, texts: Sequence[str]) -> list[list[int]]:
        whole = whole_characters(texts)
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(whole)]

    def _kept(self, row: list[int]) -> list[int]:
        return [token for token in row if token not in self._left_out]


def passed_over(
    unknown: Callable[[str], tuple[tuple[str, ...], bool]], text: str, encoder: str
) -> tuple[str, ...]:
    """The words of a text that an encoder does not know; unknown: as of `TokenReader`.

    Raises UserError for a text of which no word is known.
    """
    words, is_any_known = unknown(text)
    if not is_any_known:
        raise UserError(
            f"no word of '{text}' is in the captions that {encoder} was trained on: use words of "
            "its captions"
        )
    return words
