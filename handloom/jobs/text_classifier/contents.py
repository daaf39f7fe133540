"""What a text is known by; imports no torch."""

from __future__ import annotations

import hashlib


def content_of(text: str) -> str:
    """What a text is known by, 32 hexadecimal digits; letter case and white space do not count."""
    from handloom.data.text.sameness import normalized

    whole = normalized(text).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).hexdigest()
