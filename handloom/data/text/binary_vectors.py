"""word2vec's binary files: a line with the count of words and D, then words and D float32 each."""

from pathlib import Path
from typing import IO

import numpy as np

from handloom.errors import UserError

FASTTEXT = b"\xba\x16\x4f\x2f"  # the first bytes of fastText's models, 793712314
HEAD = 4096  # bytes that tell one kind from another
BLOCK = 8 << 20
LONGEST_WORD = 1 << 12  # bytes


def refuse_fasttext(head: bytes, path: Path) -> None:
    """Raise UserError for a fastText model, which holds hashed pieces of words, not a table."""
    if head.startswith(FASTTEXT):
        raise UserError(
            f"'{path}' is a fastText model, not a table of vectors: give the .vec file that comes "
            "with it"
        )


def binary_width(head: bytes) -> int | None:
    """D, where a file begins like word2vec's binary ones; None for text."""
    line, _, rest = head.partition(b"\n")
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() for field in fields):
        return None
    width = int(fields[1])
    word, _, numbers = rest.partition(b" ")
    is_text = b"\0" not in rest and len(numbers.split(b"\n")[0].split()) == width
    return None if is_text or not word or width < 1 else width


def read_binary(
    file: IO[bytes], width: int, wanted: dict[bytes, None], vectors: dict[bytes, "np.ndarray"]
) -> tuple[int, int]:
    """Add the wanted vectors to `vectors`: how many words were read, and how many are broken."""
    total = int(file.readline().split()[0])
    size, buffer, start, words, broken = 4 * width, b"", 0, 0, 0
    for _ in range(total):
        space = buffer.find(b" ", start)
        while space < 0 or len(buffer) < space + 1 + size:
            block = file.read(BLOCK)
            if not block or (space < 0 and len(buffer) - start > LONGEST_WORD):
                return words, broken + total - words  # the file ends early, or is another kind
            buffer, start = buffer[start:] + block, 0
            space = buffer.find(b" ")
        word = buffer[start:space].lstrip(b"\n")
        if word in wanted and word not in vectors:
            vector = np.frombuffer(buffer, "<f4", width, space + 1).copy()
            if np.isfinite(vector).all():
                vectors[word] = vector
            else:
                broken += 1
        start = space + 1 + size
        words += 1
    return words, broken
