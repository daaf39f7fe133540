"""What makes the vectors of an index, of images and words: any encoder; pixels without torch."""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from handloom.data.text.reader import passed_over
from handloom.errors import UserError
from handloom.search.records import EncoderRecord, EntryKind, Reads, Vectors

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing
    from handloom.encoders import Encoder
    from handloom.encoders.compiled import CompiledNetwork
    from handloom.encoders.compiling import Encode
    from handloom.encoders.sentence import SentenceEncoder

DEFAULT = "timm:tf_efficientnet_lite0"
PIXELS = "pixels"
FEW_AT_ONCE = 8  # images whose maps stay in a processor's cache, as in engine.inference
SIDE = 32  # pixels; see encoders.pixels
PREPROCESSING: "Preprocessing" = {
    "size": [SIDE, SIDE], "channels": 3, "fit": "stretch", "background": "white", "crop": 1.0,
    "interpolation": "bilinear",
}  # fmt: skip
Images: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"  # (N, H, W, C)


class Vectorizer(Protocol):
    """Images and words to vectors of length 1, as far as its record says that it reads them."""

    record: EncoderRecord
    batch: int
    """Images that are best given at a time."""

    @property
    def preprocessing(self) -> "Preprocessing | None":
        """None where it reads no images."""

    def prepare(self, kind: EntryKind, count: int) -> None:
        """Called before `count` images or texts are embedded, for what is worth its time then."""

    def is_to_be_compiled(self, kind: EntryKind) -> bool:
        """Whether `compile` is worth its time after a query."""

    def compile(self, kind: EntryKind) -> None:
        """See to it that other processes embed images, or texts, without torch, where they can."""

    def __call__(self, images: Images) -> Vectors:
        """Decoded images uint8 (N, H, W, C) to (N, D)."""

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to (N, D). Raises UserError where no words are read."""

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words that are not known, and are passed over. Raises UserError where none is known."""


class PixelVectors:
    """The encoder `pixels`, of the same vectors and fingerprint, in NumPy."""

    batch = 256

    def __init__(self) -> None:
        self.preprocessing: Preprocessing | None = PREPROCESSING.copy()
        self.record = EncoderRecord(PIXELS, _fingerprint(), 3 * SIDE * SIDE)

    def prepare(self, kind: EntryKind, count: int) -> None:
        """Nothing."""

    def is_to_be_compiled(self, kind: EntryKind) -> bool:
        """Never: pixels need no torch."""
        return False

    def compile(self, kind: EntryKind) -> None:
        """Nothing."""

    def __call__(self, images: Images) -> Vectors:
        """Decoded images uint8 (N, H, W, C) to (N, D)."""
        planes = images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        return normalized(((planes - 0.5) / 0.5).reshape(len(images), -1))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Raises UserError: pixels read no words."""
        raise UserError(f"the encoder {self.record.spec} reads no words: give images")

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """None: no words are read at all."""
        return ()


class NetworkVectors:
    """A network of `encoders`."""

    def __init__(self, encoder: "Encoder", spec: str) -> None:
        self.preprocessing: Preprocessing | None = encoder.preprocessing
        self.encoder, self.batch = encoder, encoder.batch
        state = file_state(encoder.weights)
        reads: Reads = "images" if encoder.text is None else "images and texts"
        self.record = EncoderRecord(
            spec, encoder.fingerprint, encoder.width, encoder.weights, state, reads
        )
        self._run: Encode = encoder

    def prepare(self, kind: EntryKind, count: int) -> None:
        """Compiles what later queries are read by, images or words: torch, whose import takes
        longer than all else, is here already."""
        from handloom.encoders.compiling import fastest

        if kind == "images":
            self.compile("images")
            self._run = fastest(self.encoder, count)
        if self.record.reads_texts:
            self.compile("texts")

    def is_to_be_compiled(self, kind: EntryKind) -> bool:
        """As of `Vectorizer`."""
        from handloom.encoders.compiling import can_be_compiled

        encoder, side = self.encoder, self.encoder if kind == "images" else self.encoder.text
        return side is not None and can_be_compiled(encoder.fingerprint, kind, side.network)

    def compile(self, kind: EntryKind) -> None:
        """As of `Vectorizer`."""
        from handloom.encoders.compiling import compile_images, compile_texts

        encoder = self.encoder
        if kind == "images":
            compile_images(encoder)
        elif encoder.text is not None:
            compile_texts(encoder.fingerprint, encoder.text)

    def __call__(self, images: Images) -> Vectors:
        """Decoded images uint8 (N, H, W, C) to (N, D)."""
        import torch

        return normalized(self._run(torch.from_numpy(images)).numpy())

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to (N, D). Raises UserError where no words are read."""
        return normalized(self.encoder.texts(texts).numpy())

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words that are not known, and are passed over. Raises UserError where none is known."""
        return self.encoder.unknown_words(text)


class CompiledVectors:
    """An encoder of an index, which loads torch where it is asked for what was not compiled.

    find: makes the whole encoder; it is called once.
    """

    batch = FEW_AT_ONCE

    def __init__(self, record: EncoderRecord, find: Callable[[], Vectorizer]) -> None:
        self.record, self._find = record, find
        self._opened: dict[EntryKind, CompiledNetwork | None] = {}

    @property
    def preprocessing(self) -> "Preprocessing | None":
        """None where it reads no images."""
        network = self._network("images")
        return self._whole.preprocessing if network is None else network.known["preprocessing"]

    def prepare(self, kind: EntryKind, count: int) -> None:
        """Prepares the whole encoder, where it is needed."""
        if self._network(kind) is None:
            self._whole.prepare(kind, count)

    def is_to_be_compiled(self, kind: EntryKind) -> bool:
        """Where torch had to be loaded for it."""
        is_lacking = "_whole" in vars(self) and self._opened.get(kind, 0) is None
        return is_lacking and self._whole.is_to_be_compiled(kind)

    def compile(self, kind: EntryKind) -> None:
        """As of `Vectorizer`."""
        self._whole.compile(kind)

    def __call__(self, images: Images) -> Vectors:
        """Decoded images uint8 (N, H, W, C) to (N, D)."""
        network = self._network("images")
        return self._whole(images) if network is None else normalized(network.images(images))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to (N, D). Raises UserError where no words are read."""
        network = self._network("texts")
        return self._whole.texts(texts) if network is None else normalized(network.texts(texts))

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words that are not known, and are passed over. Raises UserError where none is known."""
        network = self._network("texts")
        if network is None:
            return self._whole.unknown_words(text)
        return passed_over(network.reader.unknown, text, self.record.spec)

    @cached_property
    def _whole(self) -> Vectorizer:
        return self._find()

    def _network(self, kind: EntryKind) -> "CompiledNetwork | None":
        from handloom.encoders.compiled import open_compiled

        if kind not in self._opened:
            self._opened[kind] = open_compiled(self.record.fingerprint, kind)
        return self._opened[kind]


class SentenceVectors:
    """A sentence encoder, which reads texts alone."""

    batch = 1

    def __init__(self, encoder: "SentenceEncoder") -> None:
        self.encoder = encoder
        self.preprocessing: Preprocessing | None = None
        self.record = EncoderRecord(
            encoder.spec, encoder.fingerprint, encoder.width, encoder.weights,
            file_state(encoder.weights), "texts",
        )  # fmt: skip

    def prepare(self, kind: EntryKind, count: int) -> None:
        """Compiles the network, as of `NetworkVectors`."""
        self.compile("texts")

    def is_to_be_compiled(self, kind: EntryKind) -> bool:
        """As of `Vectorizer`."""
        from handloom.encoders.compiling import can_be_compiled

        return can_be_compiled(self.encoder.fingerprint, "texts", self.encoder.network)

    def compile(self, kind: EntryKind) -> None:
        """As of `Vectorizer`."""
        from handloom.encoders.compiling import compile_texts

        compile_texts(self.encoder.fingerprint, self.encoder.text)

    def __call__(self, images: Images) -> Vectors:
        """Raises UserError: sentence encoders read no images."""
        raise UserError(f"the encoder {self.record.spec} reads no images: give clip:NAME")

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to (N, D)."""
        return normalized(self.encoder(texts).numpy())

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """None: every word is read, in pieces."""
        return ()


Find = Callable[[str | None, Path | None], Vectorizer]
"""From an encoder's name and a file of weights to the encoder; None: the default, and its own."""


def vectors_of(record: EncoderRecord, find: Callable[[], Vectorizer]) -> Vectorizer:
    """The encoder of an index, without torch as far as it was compiled and its weights are those
    of then; find: makes the whole encoder, and sees whether it is the same."""
    if record.spec == PIXELS or file_state(record.weights) not in ("", record.state):
        return find()
    return CompiledVectors(record, find)


def normalized(vectors: Vectors) -> Vectors:
    """Rows (N, D), or a vector (D,), divided by their lengths; zeros stay."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(length, np.float32(1e-12))).astype(np.float32)
    return unit


def file_state(path: str | None) -> str:
    """Size and time of change of a file of weights, or of a run's; "" where there is none."""
    if path is None:
        return ""
    place = Path(path)
    if place.is_dir():
        files = (place / name for name in ("networks.safetensors", "model.safetensors"))
        place = next((file for file in files if file.is_file()), place)
    try:
        state = place.stat()
    except OSError:
        return ""
    return f"{state.st_size} {state.st_mtime_ns}"


def _fingerprint() -> str:
    """As `encoders.encoder.fingerprint` makes it of pixels; a test holds the two equal."""
    known = hashlib.blake2b(digest_size=16)
    known.update(json.dumps([PIXELS, PREPROCESSING], sort_keys=True).encode())
    half = np.full((3, 1, 1), 0.5, np.float32)
    for key in ("normalize.mean", "normalize.std"):
        known.update(f"{key} {half.shape} torch.float32".encode())
        known.update(half.tobytes())
    return known.hexdigest()
