"""A run of a character language model, in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from handloom.jobs.run import Run

if TYPE_CHECKING:
    from handloom.jobs.results import GeneratedText


class LanguageModelRun(Run):
    """A char-rnn."""

    def stream(
        self,
        prefix: str = "",
        length: int = 200,
        count: int = 1,
        temperature: float = 0.8,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> Iterator[tuple[int, str]]:
        """(number of the text, its next character) as it is written, the prefix left out."""
        text: GeneratedText = self.call(
            "sample",
            prefix=prefix,
            length=length,
            count=count,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
        )
        return text.characters

    def sample(
        self,
        prefix: str = "",
        length: int = 200,
        count: int = 1,
        temperature: float = 0.8,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> list[str]:
        """`count` texts that begin with `prefix` and go on for `length` characters."""
        texts = [prefix] * count
        for number, character in self.stream(
            prefix, length, count, temperature, top_k, top_p, seed
        ):
            texts[number] += character
        return texts
