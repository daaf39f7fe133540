"""How much of a written text is copied, and what a compressor makes of the corpus."""

import bz2
import lzma
from collections.abc import Callable

MOST_SEARCHED = 16 << 20  # characters
MOST_COMPRESSED = 8 << 20
LEAST_COMPRESSED = 2_000  # characters: files grow by whole bytes, xz's by four


def longest_copy(written: str, corpus: str) -> str:
    """The longest stretch of `written` that stands in `corpus`, letter by letter."""
    corpus = corpus[:MOST_SEARCHED]
    best, start = "", 0
    while start + len(best) < len(written):
        end = start + len(best) + 1
        if written[start:end] in corpus:
            while end < len(written) and written[start : end + 1] in corpus:
                end += 1
            best = written[start:end]
        start += 1
    return best


def compressed(train: str, held_out: str) -> dict[str, float] | None:
    """Bits a character of xz and bzip2, at their best settings, for the held-out text.

    Each is given the training text first: what is counted is how much longer the compressed file
    becomes when the held-out text is appended. Both texts are cut to 8 million characters. None
    below 2,000 held-out characters, of which the rounding of a file's length would decide.
    """
    if len(held_out) < LEAST_COMPRESSED:
        return None
    before, after = train[-MOST_COMPRESSED:].encode(), held_out[:MOST_COMPRESSED].encode()
    count = max(len(held_out[:MOST_COMPRESSED]), 1)
    methods: dict[str, Callable[[bytes], bytes]] = {
        "xz": lambda raw: lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME),
        "bzip2": lambda raw: bz2.compress(raw, 9),
    }
    return {
        name: round(8 * max(len(method(before + after)) - len(method(before)), 0) / count, 4)
        for name, method in methods.items()
    }
