"""What makes the vectors of an index, of images and words: any encoder; pixels without torch."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from handloom.errors import UserError
from handloom.search.copies import SIDE as THUMB
from handloom.search.copies import thumbs
from handloom.search.records import EncoderRecord, Reads, Thumbs, Vectors

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


class EncodedFiles(NamedTuple):
    """Some files of a list: rows of those that were read, their vectors and thumbnails, and
    (row, reason) of the broken ones."""

    rows: list[int]
    vector: Vectors
    thumb: Thumbs
    broken: list[tuple[int, str]]


class Vectorizer(Protocol):
    """Images and words to vectors of length 1, as far as its record says that it reads them."""

    record: EncoderRecord
    preprocessing: "Preprocessing | None"
    """None where it reads no images."""
    batch: int
    """Images that are best given at a time."""

    def prepare(self, count: int) -> None:
        """Called before `count` images are embedded, for what is worth its time then."""

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

    def prepare(self, count: int) -> None:
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

    def prepare(self, count: int) -> None:
        """Compiles the network: searches for images that are no part of the index are then
        answered without torch, whose import takes longer than all else."""
        from handloom.encoders.compiling import compile_network, fastest

        compile_network(self.encoder)
        self._run = fastest(self.encoder, count)

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
    """The compiled network of an encoder, for some images; imports no torch.

    find: makes the whole encoder, which words need; it is called once.
    """

    def __init__(
        self, record: EncoderRecord, network: "CompiledNetwork", find: Callable[[], Vectorizer]
    ) -> None:
        self.preprocessing: Preprocessing | None = network.preprocessing
        self.record, self.batch = record, FEW_AT_ONCE
        self._network, self._find = network, find

    def prepare(self, count: int) -> None:
        """Nothing."""

    @cached_property
    def _whole(self) -> Vectorizer:
        return self._find()

    def __call__(self, images: Images) -> Vectors:
        """Decoded images uint8 (N, H, W, C) to (N, D)."""
        return normalized(self._network(images))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to (N, D). Raises UserError where no words are read."""
        return self._whole.texts(texts)

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words that are not known, and are passed over. Raises UserError where none is known."""
        return self._whole.unknown_words(text)


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

    def prepare(self, count: int) -> None:
        """Nothing."""

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


def compiled_vectors(
    record: EncoderRecord, find: Callable[[], Vectorizer]
) -> CompiledVectors | None:
    """The encoder of an index as it was compiled, where its weights are those of then.

    find: makes the whole encoder. None where it was not compiled.
    """
    from handloom.encoders.compiled import open_compiled

    if record.spec == PIXELS or file_state(record.weights) not in ("", record.state):
        return None
    network = open_compiled(record.fingerprint)
    return None if network is None else CompiledVectors(record, network, find)


def normalized(vectors: Vectors) -> Vectors:
    """Rows (N, D), or a vector (D,), divided by their lengths; zeros stay."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(length, np.float32(1e-12))).astype(np.float32)
    return unit


def encode(paths: Sequence[Path], vectorizer: Vectorizer, every: int) -> Iterator[EncodedFiles]:
    """Files in order, in portions of about `every`; threads decode while the network encodes."""
    from handloom.data.images.chunks import whole_batches
    from handloom.data.images.decode import Treatment

    assert vectorizer.preprocessing is not None, "it reads no images"
    treatment = Treatment.of(vectorizer.preprocessing)
    no_vector = np.empty((0, vectorizer.record.width), np.float32)
    no_thumb = np.empty((0, THUMB**2), np.uint8)
    parts, taken = list[EncodedFiles](), 0
    for portion in whole_batches(paths, treatment, vectorizer.batch):
        images = portion.images
        vector = vectorizer(images) if len(images) else no_vector
        thumb = thumbs(images) if len(images) else no_thumb
        parts.append(EncodedFiles(portion.rows, vector, thumb, portion.broken))
        if portion.done - taken >= every or portion.done == len(paths):
            yield _joined(parts)
            parts, taken = [], portion.done


def encode_single(path: Path, vectorizer: Vectorizer) -> tuple[Vectors, Thumbs]:
    """The vector (D,) of one file. Raises Undecodable, a UserError, for a broken one."""
    from handloom.data.images.decode import Treatment, decode_file, quiet

    assert vectorizer.preprocessing is not None, "it reads no images"
    with quiet():
        pixels, _ = decode_file(path, Treatment.of(vectorizer.preprocessing))
    return vectorizer(pixels[None])[0], thumbs(pixels[None])[0]


def recorded_weights(record: EncoderRecord) -> Path | None:
    """The file or folder that an encoder's weights came from, where it is there still; None for a
    run, which has weights of its own, and where they are to be found again."""
    place = None if record.weights is None else Path(record.weights)
    if place is None or record.weights == record.spec:
        return None
    return place if place.exists() else None


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


def _joined(parts: Sequence[EncodedFiles]) -> EncodedFiles:
    return EncodedFiles(
        [row for part in parts for row in part.rows],
        np.concatenate([part.vector for part in parts]),
        np.concatenate([part.thumb for part in parts]),
        [entry for part in parts for entry in part.broken],
    )


def _fingerprint() -> str:
    """As `encoders.encoder.fingerprint` makes it of pixels; a test holds the two equal."""
    known = hashlib.blake2b(digest_size=16)
    known.update(json.dumps([PIXELS, PREPROCESSING], sort_keys=True).encode())
    half = np.full((3, 1, 1), 0.5, np.float32)
    for key in ("normalize.mean", "normalize.std"):
        known.update(f"{key} {half.shape} torch.float32".encode())
        known.update(half.tobytes())
    return known.hexdigest()
