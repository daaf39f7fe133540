"""learned.bin: what a run was trained on, as digests, so that it is known wherever it turns up.

Data are moved, copied, divided anew and mixed with others; the content of an example stays. Eight
bytes of its digest are kept, in order: of 10^6 examples and 10^6 others, two share them by chance
once in 10^7 runs.
"""

from collections.abc import Iterable

BYTES = 8


def packed(contents: Iterable[str]) -> bytes:
    """The file: digests, at least 16 hexadecimal digits each."""
    return b"".join(sorted({_short(content) for content in contents}))


class Learned:
    """The examples of a run's training; `digest in learned` for one of at least 16 digits."""

    def __init__(self, content: bytes) -> None:
        self._known = frozenset(
            content[start : start + BYTES] for start in range(0, len(content), BYTES)
        )

    def __contains__(self, content: str) -> bool:
        return _short(content) in self._known

    def __len__(self) -> int:
        return len(self._known)


def _short(content: str) -> bytes:
    return bytes.fromhex(content[: 2 * BYTES])
