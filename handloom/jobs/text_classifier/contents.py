"""What a text is known by; imports no torch."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handloom.data.text.texts import TextSet


def content_of(text: str) -> str:
    """What a text is known by, 32 hexadecimal digits; letter case and white space do not count."""
    from handloom.data.text.sameness import normalized

    whole = normalized(text).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).hexdigest()


def text_contents(texts: TextSet) -> dict[str, list[str]]:
    """What the texts of each split are known by."""
    return {name: [content_of(text) for text in part.text] for name, part in texts.splits.items()}
