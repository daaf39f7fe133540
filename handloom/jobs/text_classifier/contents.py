"""What a text is known by, and which texts a run was trained on; imports no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from handloom.jobs.results import NothingHeldOut, everything_learned
from handloom.runs.learned import Learned


def content_of(text: str) -> str:
    """What a text is known by, 32 hexadecimal digits; letter case and white space do not count."""
    from handloom.data.text.texts import normalized

    whole = normalized(text).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).hexdigest()


def new_rows(texts: Sequence[str], learned: Learned | None, data: str) -> list[int]:
    """The rows of the texts that a run was not trained on; all where nothing is known of that.

    Raises NothingHeldOut where there is none.
    """
    rows = range(len(texts))
    if learned is None:
        return list(rows)
    new = [row for row in rows if content_of(texts[row]) not in learned]
    if not new:
        raise NothingHeldOut(everything_learned(len(texts), "texts", data))
    return new
