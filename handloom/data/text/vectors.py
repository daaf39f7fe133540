"""Pretrained word vectors: GloVe's and word2vec's files, read for the words needed.

GloVe: Pennington et al. 2014. A line is a word and its D numbers; word2vec puts a line with the
count of words and D before them. In glove.840B.300d some words hold spaces, so the last D fields
are the vector and whatever stands before them is the word.
"""

import gzip
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import torch
from torch import Tensor

from handloom.data.io.fetch import Remote, fetch
from handloom.data.io.storage import data_folder
from handloom.data.text.binary_vectors import HEAD, binary_width, read_binary, refuse_fasttext
from handloom.errors import UserError
from handloom.wording import reason

BLOCK = 8 << 20
ENDINGS = (".txt", ".vec", ".bin")  # of the one file in an archive
LONGEST = 1 << 20  # bytes of a line; a file without line ends is not a table of vectors
PROBED = 200  # lines that tell how wide the vectors are
GLOVE_6B = (
    "https://nlp.stanford.edu/data/glove.6B.zip",
    "https://downloads.cs.stanford.edu/nlp/data/glove.6B.zip",
)
NAMED = {
    f"glove.6B.{width}d": Remote(
        GLOVE_6B, "056ea991adb4740ac6bf1b6d9b50408b", 900 << 20, f"glove.6B.{width}d.txt"
    )
    for width in (50, 100, 200, 300)
}


@dataclass(frozen=True)
class Vectors:
    """`vector` float32 (M, D), a row for each of `words`; lines read, and how many are broken."""

    vector: Tensor
    words: list[str]
    lines: int
    broken: int

    @property
    def width(self) -> int:
        """D."""
        return self.vector.shape[1]


def read_vectors(source: str, words: Iterable[str]) -> Vectors:
    """The vectors of `words` in a file (.txt, .vec, .gz, .zip), or of a name such as glove.6B.100d.

    A word that the file has only with a capital or in capitals is read as that. Memory grows with
    the number of words read, not with the file. Of a repeated word the first line counts. A line
    that is not a word and D finite numbers is counted as broken. Raises UserError where most lines
    are broken, and for a file that holds no vectors.
    """
    path = _located(source)
    forms = {word: list(dict.fromkeys((word, word.capitalize(), word.upper()))) for word in words}
    wanted = {form.encode(): None for several in forms.values() for form in several}
    vectors: dict[bytes, np.ndarray] = {}
    with _opened(path) as file:
        refuse_fasttext(_head(path), path)
        binary = binary_width(_head(path))
        if binary is not None:
            width, (lines, broken) = binary, read_binary(file, binary, wanted, vectors)
        else:
            width, lines, broken = _read_text(file, path, wanted, vectors)
    if broken > lines // 2:
        raise UserError(
            f"{broken:,} of {lines:,} lines of '{path}' are not a word and {width} numbers: give "
            "a file of word vectors"
        )
    names, rows = [], []
    for word, several in forms.items():
        form = next((form.encode() for form in several if form.encode() in vectors), None)
        if form is not None:
            names.append(word)
            rows.append(vectors[form])
    table = np.stack(rows) if rows else np.zeros((0, width), np.float32)
    return Vectors(torch.from_numpy(table), names, lines, broken)


def _read_text(
    file: IO[bytes], path: Path, wanted: dict[bytes, None], vectors: dict[bytes, "np.ndarray"]
) -> tuple[int, int, int]:
    """Width, lines and broken lines of a file of text; wanted vectors are added to `vectors`."""
    lines = broken = width = 0
    for number, block in enumerate(_blocks(file, path)):
        if number == 0:
            width, header = _width(block.split(b"\n", PROBED)[:PROBED], path)
            block = block.partition(b"\n")[2] if header else block
        read, wrong = _take(block, width, wanted, vectors)
        lines, broken = lines + read, broken + wrong
    return width, lines, broken


def _head(path: Path) -> bytes:
    with _opened(path) as file:
        return file.read(HEAD)


def _take(
    block: bytes, width: int, wanted: dict[bytes, None], vectors: dict[bytes, "np.ndarray"]
) -> tuple[int, int]:
    """Add the wanted vectors of some whole lines to `vectors`: how many lines, how many broken.

    NumPy finds where lines and words end; only lines of wanted words, and those that hold more
    spaces than they should, are looked at one by one.
    """
    raw = np.frombuffer(block, np.uint8)
    ends = np.append(np.flatnonzero(raw == ord("\n")), len(raw))
    starts = np.append(0, ends[:-1] + 1)
    spaces = np.flatnonzero(raw == ord(" "))
    first = np.searchsorted(spaces, starts)
    count = np.searchsorted(spaces, ends) - first
    whole = count >= width
    filled = ends > starts
    broken = int((filled & ~whole).sum())
    columns = (starts[whole], spaces[first[whole]], ends[whole], count[whole])
    first_words = {word.split(b" ", 1)[0] for word in wanted} if _spaced(wanted) else wanted
    for start, space, end, held in zip(*(c.tolist() for c in columns), strict=True):
        if block[start:space] in first_words or held > width + 1:
            broken += _keep(block[start:end], width, wanted, vectors)
    return int(filled.sum()), broken


def _keep(
    line: bytes, width: int, wanted: dict[bytes, None], vectors: dict[bytes, "np.ndarray"]
) -> bool:
    """Add one line, if it is wanted and new; True where it is broken."""
    word, *numbers = line.rstrip(b" \r").rsplit(b" ", width)
    if word not in wanted or word in vectors:
        return False
    vector = _parsed(numbers, width)
    if vector is None:
        return True
    vectors[word] = vector
    return False


def _spaced(wanted: dict[bytes, None]) -> bool:
    return any(b" " in word for word in wanted)


def _parsed(numbers: list[bytes], width: int) -> "np.ndarray | None":
    try:
        vector = np.array(list(map(float, numbers)), dtype=np.float32)
    except ValueError:
        return None
    return vector if len(vector) == width and bool(np.isfinite(vector).all()) else None


def _width(lines: list[bytes], path: Path) -> tuple[int, int]:
    """How wide the vectors are, and whether (1) or not (0) a header comes first."""
    first = lines[0].split() if lines else []
    if len(first) == 2 and all(field.isdigit() for field in first):
        return int(first[1]), 1
    probed = [line.split() for line in lines[:PROBED]]
    widths = Counter(len(fields) - 1 for fields in probed)
    width = widths.most_common(1)[0][0] if widths else 0
    good = sum(_parsed(fields[-width:], width) is not None for fields in probed if width > 1)
    if good < max(1, len(probed) / 2):
        raise UserError(
            f"'{path}' is not a file of word vectors: its lines must be a word and numbers, "
            "separated by spaces"
        )
    return width, 0


def _blocks(file: IO[bytes], path: Path) -> Iterator[bytes]:
    """Whole lines, some megabytes at a time, without the last line end."""
    rest = b""
    while block := file.read(BLOCK):
        head, _, rest = (rest + block.replace(b"\t", b" ")).rpartition(b"\n")
        if len(rest) > LONGEST:
            raise UserError(f"'{path}' has a line of over {LONGEST:,} bytes: give a text file")
        if head:
            yield head
    if rest.strip():
        yield rest


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                inside = [
                    name for name in archive.namelist() if name.endswith((".txt", ".vec", ".bin"))
                ]
                if len(inside) != 1:
                    raise UserError(
                        f"'{path}' holds {len(inside)} files of vectors ({', '.join(inside[:6])}): "
                        "unpack it and name one of them"
                    )
                with archive.open(inside[0]) as file:
                    yield file
        elif path.suffix == ".gz":
            with gzip.open(path) as file:
                yield file  # type: ignore[misc]
        else:
            with path.open("rb") as file:
                yield file
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"'{path}' cannot be read ({reason(error)}): fetch it again") from None


def _located(source: str) -> Path:
    path = Path(source).expanduser()
    if path.is_file():
        return path
    if source in NAMED:
        folder = data_folder() / "glove"
        fetch(NAMED[source], folder, None)
        return folder / NAMED[source].unpacks
    raise UserError(
        f"'{source}' is neither a file of word vectors nor a name: names are {', '.join(NAMED)}"
    )
