"""Running text as numbers: a file of any size and script, or the text that ships inside Python."""

import codecs
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from handloom.data.io.encoding import (
    MOST_ZEROS,
    check_encoding,
    full_of_zeros,
    marked,
    refuse_other,
)
from handloom.data.io.names import absent, resolve
from handloom.data.io.storage import cache_folder, data_folder
from handloom.data.text.file import text_files
from handloom.data.text.pydoc import pydoc_text
from handloom.errors import UserError
from handloom.runs.files import written_whole
from handloom.wording import first_and_more

BLOCK = 4 << 20  # bytes read at a time
LEAST_JUDGED = 64  # characters, from which on zeros say that it is another encoding
MOST_RESIDENT = 256 << 20  # bytes of numbers kept in memory; larger corpora lie in a mapped file
NAMED = {"pydoc": "", "timemachine": "text/timemachine.txt"}


def set_names() -> tuple[str, ...]:
    """The names of the built-in texts, the bundled one first."""
    return tuple(NAMED)


@dataclass(frozen=True)
class Corpus:
    """A text as positions in its own alphabet.

    ids: uint8, int16 or int32 (N,); alphabet: every character of the text, by code point.
    """

    name: str
    ids: Tensor
    alphabet: str
    fingerprint: str

    def text(self, start: int = 0, end: int | None = None) -> str:
        """The characters from `start` to before `end`."""
        points = np.array([ord(c) for c in self.alphabet], dtype="<u4")
        encoded: bytes = points[self.ids[start:end].numpy()].tobytes()
        return encoded.decode("utf-32-le")


def read_corpus(data: str, encoding: str = "utf-8", joined: bool = False) -> Corpus:
    """The text of a file, of all .txt files below a folder in the order of their paths, of several
    such, one a line, or of `pydoc`; joined: line breaks become spaces.

    Line ends are unified. Files are read in blocks, twice: once for the alphabet, once for the
    numbers, so that memory does not grow with it. Raises UserError, one sentence, for a file that
    is missing, empty, or not in the encoding.
    """
    if data == "pydoc":
        return _of_text("pydoc", pydoc_text(), joined)
    named = [_located(part) for part in data.split("\n")]
    files = [file for path in named for file in _files(path)]
    name = first_and_more([path.stem for path in named])
    check_encoding(encoding)
    counts = np.zeros(0x110000, dtype=np.int64)
    digest = hashlib.blake2b(f"{encoding} {joined}".encode(), digest_size=16)
    for points in _blocks(files, encoding, joined):
        counts += np.bincount(points, minlength=len(counts))
        digest.update(points.data)
    if not counts.any():
        raise UserError(f"'{named[0]}' is empty: give a file or a folder of text")
    if counts.sum() >= LEAST_JUDGED and counts[0] > MOST_ZEROS * counts.sum():
        raise full_of_zeros(named[0])
    letters = np.flatnonzero(counts)
    ids = _numbered(files, encoding, joined, letters, int(counts.sum()), digest.hexdigest())
    return Corpus(name, ids, "".join(map(chr, letters)), digest.hexdigest())


def _of_text(name: str, text: str, joined: bool) -> Corpus:
    points = np.frombuffer((_joined(text) if joined else text).encode("utf-32-le"), dtype="<u4")
    letters, places = np.unique(points, return_inverse=True)
    ids = torch.from_numpy(places.astype(_dtype(len(letters))))
    fingerprint = hashlib.blake2b(points.tobytes(), digest_size=16).hexdigest()
    return Corpus(name, ids, "".join(map(chr, letters)), fingerprint)


def _located(data: str) -> Path:
    place = resolve(data, NAMED)
    path = data_folder() / NAMED[place.name] if place.name else place.path
    assert path is not None
    if path.is_file() or (path.is_dir() and _files(path)):
        return path
    remedy = (
        "give a file of text, a folder of .txt files, - for standard input, or a name "
        f"({', '.join(NAMED)})"
    )
    if path.is_dir():
        raise UserError(f"'{path}' has no .txt file in it: {remedy}")
    raise absent(path, remedy)


def _files(path: Path) -> list[Path]:
    """The file itself, or the .txt files below a folder."""
    if path.is_file():
        return [path]
    return text_files(path)


def _blocks(files: list[Path], encoding: str, joined: bool) -> Iterator["np.ndarray"]:
    """The code points of some files, uint32, block after block; a line break between files."""
    for number, file in enumerate(files):
        if number:
            yield _points("\n", joined)
        yield from _blocks_of(file, encoding, joined)


def _blocks_of(path: Path, encoding: str, joined: bool) -> Iterator["np.ndarray"]:
    name = encoding
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        name = marked(_start(path)) or "utf-8"
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(name)(), translate=True)
    offset = line = 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                text = decoder.decode(block)
                yield _points(text, joined)
                offset, line = offset + len(block), line + text.count("\n")
            yield _points(decoder.decode(b"", final=True), joined)
    except UnicodeDecodeError as error:
        raise _undecodable(path, encoding, error, offset) from None
    except OSError as error:
        raise UserError(
            f"'{path}' cannot be read ({error.strerror}): check its permissions"
        ) from None


def _start(path: Path) -> bytes:
    """The first bytes of a file, for its mark; UserError where they are those of no text."""
    with path.open("rb") as file:
        start = file.read(16)
    refuse_other(path, start)
    return start


def _points(text: str, joined: bool) -> "np.ndarray":
    text = _joined(text) if joined else text
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _joined(text: str) -> str:
    return text.replace("\n", " ")


def _undecodable(path: Path, encoding: str, error: UnicodeDecodeError, offset: int) -> UserError:
    """Where it is: the decoder may have kept some bytes of the block before."""
    bad = error.object[error.start : error.start + 1]
    with path.open("rb") as file:
        file.seek(max(0, offset - 8))
        near = file.read(BLOCK + 8)
    place = max(0, offset - 8) + max(near.find(error.object[:BLOCK]), 0) + error.start
    line = 1
    with path.open("rb") as file:
        left = place
        while left > 0 and (block := file.read(min(BLOCK, left))):
            line, left = line + block.count(b"\n"), left - len(block)
    return UserError(
        f"'{path}' is not {encoding}: byte 0x{bad.hex()} at position {place:,} (line {line:,}) has "
        "no meaning in it; name the encoding with --encoding, such as gb18030 or latin-1"
    )


def _numbered(
    files: list[Path], encoding: str, joined: bool, letters: "np.ndarray", count: int, digest: str
) -> Tensor:
    """Places in the alphabet, in memory or, for a large file, in a mapped file of the cache."""
    dtype = _dtype(len(letters))
    place = np.zeros(0x110000, dtype=dtype)
    place[letters] = np.arange(len(letters), dtype=dtype)
    if count * dtype.itemsize <= MOST_RESIDENT:
        blocks = [place[points] for points in _blocks(files, encoding, joined)]
        return torch.from_numpy(np.concatenate(blocks))
    target = cache_folder().parent / "corpora" / f"{digest}.bin"
    if not target.exists() or target.stat().st_size != count * dtype.itemsize:
        try:
            with written_whole(target) as part, part.open("wb") as file:
                for points in _blocks(files, encoding, joined):
                    file.write(place[points].data)
        except OSError as error:
            raise UserError(
                f"the tokens of '{files[0]}' cannot be stored in '{target.parent}' "
                f"({error.strerror}): make room there, or set HANDLOOM_CACHE to another folder"
            ) from None
    return torch.from_numpy(np.memmap(target, dtype, mode="c", shape=(count,)))


def _dtype(letters: int) -> "np.dtype":
    return np.dtype(np.uint8 if letters <= 256 else np.int16 if letters <= 32_768 else np.int32)
