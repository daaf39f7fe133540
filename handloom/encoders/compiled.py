"""Networks as files that ONNX Runtime runs, of this machine's cache: images and words are embedded
without importing torch and the network's library.

`compiling` writes them, one for images and one for texts. They are found by the encoder's
fingerprint, so that they can be of no other weights, and go with the caches when they are full.
"""

import json
import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

import numpy as np

from handloom.data.io.onnx import session_of
from handloom.data.io.storage import cache_folder
from handloom.data.text.reader import TextReader, TextReading

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing

VERSION = 1  # of what the files compute; another one is written anew
FILE = "network.onnx"
WEIGHTS = f"{FILE}.data"
CHECKSUM = "checksum"  # of both, in decimal digits
REFUSED = "refused"  # in place of all three: the versions with which a network cannot be compiled
KEY = "handloom"  # of the metadata in the file
LIBRARIES = ("torch", "onnx", "onnxscript", "onnxruntime")
TEXTS = 64  # that are read at a time
Side = Literal["images", "texts"]
Pixels: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"  # (N, H, W, C)
Features: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"  # (N, D)


class Known(TypedDict, total=False):
    """How an image, or a text, is brought to a network."""

    preprocessing: "Preprocessing"
    reading: TextReading


@dataclass(frozen=True)
class CompiledNetwork:
    """A network in float32 on the CPU, of images or of texts; session: ONNX Runtime's."""

    known: Known
    session: Any

    @cached_property
    def reader(self) -> TextReader:
        """What brings texts to it."""
        return TextReader(self.known["reading"])

    def images(self, images: Pixels) -> Features:
        """Decoded images uint8 (N, H, W, C) to features (N, D)."""
        return self.run(images)

    def texts(self, texts: Sequence[str]) -> Features:
        """Texts to features (N, D)."""
        parts = [np.empty((0, self.session.get_outputs()[0].shape[1]), np.float32)]
        for start in range(0, len(texts), TEXTS):
            parts.append(self.run(*self.reader(texts[start : start + TEXTS])))
        return np.concatenate(parts)

    def run(self, *given: Any) -> Features:
        """Arrays of N rows, of which it takes as many as it has inputs, to features (N, D)."""
        names = [port.name for port in self.session.get_inputs()]
        (features,) = self.session.run(None, dict(zip(names, given, strict=False)))
        return np.asarray(features, np.float32)


def name_of(fingerprint: str, side: Side) -> str:
    """What a network of an encoder is called in the cache."""
    return f"compiled-{VERSION}-{fingerprint}-{side}"


def open_compiled(
    fingerprint: str, side: Side, threads: int | None = None, prepacks: bool = False
) -> CompiledNetwork | None:
    """A network of an encoder; None where it was not compiled, or cannot be run here.

    threads: that compute; None: $OMP_NUM_THREADS, else as many as there are cores. prepacks: copies
    the weights to the order that products are quickest in, which a few inputs do not repay.
    """
    if not fingerprint.isalnum() or find_spec("onnxruntime") is None:
        return None  # an index may be somebody else's, and what it names be a path
    folder = cache_folder() / name_of(fingerprint, side)
    try:
        is_whole = int((folder / CHECKSUM).read_text("utf-8")) == checksum(folder)
    except (OSError, ValueError):
        return None
    with suppress(OSError):  # of a cache that cannot be written
        (folder / "used").touch()
    return opened(folder, threads or _threads(), prepacks) if is_whole else None


def is_refused(fingerprint: str, side: Side) -> bool:
    """Whether a network could not be compiled by the libraries that are installed."""
    try:
        place = cache_folder() / name_of(fingerprint, side) / REFUSED
        return place.read_text("utf-8") == libraries()
    except OSError:
        return False


def libraries() -> str:
    """The libraries that compile, with their versions."""
    return " ".join(f"{name} {_version(name)}" for name in LIBRARIES)


def checksum(folder: Path) -> int:
    """CRC-32 of the files of a network. Raises OSError where they cannot be read."""
    value = 0
    for name in (FILE, WEIGHTS):
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                value = zlib.crc32(block, value)
    return value


def opened(folder: Path, threads: int, prepacks: bool = False) -> CompiledNetwork | None:
    """The network in a folder; None where ONNX Runtime cannot run it. threads: 0: of all cores."""
    try:
        return _opened(folder / FILE, threads, prepacks)
    except Exception:  # ONNX Runtime's own kinds are not public, nor can it always be imported
        return None


def _threads() -> int:
    """$OMP_NUM_THREADS, of the outermost of nested loops; 0 where it is not a number."""
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(first) if first.isdecimal() else 0


def _opened(path: Path, threads: int, prepacks: bool) -> CompiledNetwork:
    session = session_of(path, threads, spins=False, prepacks=prepacks)
    made = CompiledNetwork(json.loads(session.get_modelmeta().custom_metadata_map[KEY]), session)
    if "reading" in made.known:
        _ = made.reader  # a library that it needs may be missing
    return made


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "missing"
