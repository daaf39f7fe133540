"""Networks as files that ONNX Runtime runs, of this machine's cache: images and words are embedded
without importing torch and the network's library.

`compiling` writes them, one for images and one for texts. They are found by the encoder's
fingerprint, so that they can be of no other weights.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

import numpy as np

from handloom.data.io.compiled import FILE, kept
from handloom.data.io.onnx import session_of, wanted_threads
from handloom.data.text.reader import TokenReader, TokenReading

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing

KEY = "handloom"  # of the metadata in the file
TEXTS = 64  # that are read at a time
Side = Literal["images", "texts"]
Pixels: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"  # (N, H, W, C)
Features: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"  # (N, D)


class CompiledRecord(TypedDict, total=False):
    """How an image, or a text, is brought to a network."""

    preprocessing: "Preprocessing"
    reading: TokenReading


@dataclass(frozen=True)
class CompiledNetwork:
    """A network in float32 on the CPU, of images or of texts; session: ONNX Runtime's."""

    known: CompiledRecord
    session: Any

    @cached_property
    def reader(self) -> TokenReader:
        """What brings texts to it."""
        return TokenReader(self.known["reading"])

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


def key_of(fingerprint: str, side: Side) -> str:
    """Of a network of an encoder, in the cache."""
    return f"{fingerprint}-{side}"


def open_compiled(
    fingerprint: str, side: Side, threads: int | None = None, prepacks: bool = False
) -> CompiledNetwork | None:
    """A network of an encoder; None where it was not compiled, or cannot be run here.

    threads: that compute; None: $OMP_NUM_THREADS, else as many as there are cores. prepacks: copies
    the weights to the order that products are quickest in, which a few inputs do not repay.
    """
    if find_spec("onnxruntime") is None:
        return None
    folder = kept(key_of(fingerprint, side))
    return None if folder is None else opened(folder, threads or wanted_threads(), prepacks)


def opened(folder: Path, threads: int, prepacks: bool = False) -> CompiledNetwork | None:
    """The network in a folder; None where ONNX Runtime cannot run it. threads: 0: of all cores."""
    try:
        return _opened(folder / FILE, threads, prepacks)
    except Exception:  # ONNX Runtime's own kinds are not public, nor can it always be imported
        return None


def _opened(path: Path, threads: int, prepacks: bool) -> CompiledNetwork:
    session = session_of(path, threads, spins=False, prepacks=prepacks)
    made = CompiledNetwork(json.loads(session.get_modelmeta().custom_metadata_map[KEY]), session)
    if "reading" in made.known:
        _ = made.reader  # a library that it needs may be missing
    return made
