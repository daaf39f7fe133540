"""A run of a character language model, in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from handloom.errors import names_arguments
from handloom.jobs.run import Run
from handloom.runs.records import Options

if TYPE_CHECKING:
    from handloom.jobs.results import GeneratedText


class LanguageModelRun(Run):
    """A char-rnn."""

    @names_arguments
    def stream(self, prefix: str = "", **options: Any) -> Iterator[tuple[int, str]]:
        """(number of the text, its next character) as it is written, the prefix left out.

        options: the others of `SampleOptions`: length, count, temperature, top_k, top_p, seed.
        """
        return self._text(prefix, options).characters

    @names_arguments
    def sample(self, prefix: str = "", **options: Any) -> list[str]:
        """Texts that begin with `prefix`; options as for `stream`."""
        return self._text(prefix, options).written()

    def _text(self, prefix: str, options: Options) -> GeneratedText:
        text: GeneratedText = self.call("sample", prefix=prefix, **options)
        return text
