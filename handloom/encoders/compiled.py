"""A network as a file that ONNX Runtime runs, of this machine's cache: images are embedded without
importing torch and the network's library.

`compiling` writes it. It is found by the encoder's fingerprint, so that it can be of no other
weights, and goes with the caches when they are full.
"""

import json
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from handloom.data.io.onnx import session_of
from handloom.data.io.storage import cache_folder

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing

VERSION = 1  # of what the file computes; another one is written anew
FILE = "network.onnx"
CHECKSUM = "checksum"  # of the file, in decimal digits; written after it
KEY = "handloom"  # of the metadata in the file
Pixels: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"  # (N, H, W, C)
Features: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"  # (N, D)


@dataclass(frozen=True)
class CompiledNetwork:
    """A network in float32 on the CPU.

    preprocessing: how an image is brought to it, in the form that `data.images` takes.
    session: ONNX Runtime's.
    """

    preprocessing: "Preprocessing"
    session: Any

    def __call__(self, images: Pixels) -> Features:
        """Decoded images uint8 (N, H, W, C) to features (N, D)."""
        (features,) = self.session.run(None, {"pixels": images})
        return np.asarray(features, np.float32)


def folder_of(fingerprint: str) -> Path:
    """Where the network of an encoder lies, once it is compiled."""
    return cache_folder() / f"compiled-{VERSION}-{fingerprint}"


def open_compiled(fingerprint: str, threads: int | None = None) -> CompiledNetwork | None:
    """The network of an encoder; None where it was not compiled, or cannot be run here.

    threads: that compute; None: $OMP_NUM_THREADS, else as many as there are cores.
    """
    if not fingerprint.isalnum() or find_spec("onnxruntime") is None:
        return None  # an index may be somebody else's, and what it names be a path
    folder = folder_of(fingerprint)
    try:
        is_whole = int((folder / CHECKSUM).read_text("utf-8")) == checksum(folder / FILE)
    except (OSError, ValueError):
        return None
    with suppress(OSError):  # of a cache that cannot be written
        (folder / "used").touch()
    return opened(folder / FILE, threads or _threads()) if is_whole else None


def checksum(path: Path) -> int:
    """CRC-32 of a file. Raises OSError where it cannot be read."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def opened(network: Path | bytes, threads: int) -> CompiledNetwork | None:
    """A file or its content; None where ONNX Runtime cannot run it. threads: 0: of all cores."""
    try:
        return _opened(network, threads)
    except Exception:  # ONNX Runtime's own kinds are not public, nor can it always be imported
        return None


def _threads() -> int:
    """$OMP_NUM_THREADS, of the outermost of nested loops; 0 where it is not a number."""
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(first) if first.isdecimal() else 0


def _opened(network: Path | bytes, threads: int) -> CompiledNetwork:
    session = session_of(network, threads, spins=False)
    known = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
    return CompiledNetwork(known["preprocessing"], session)
