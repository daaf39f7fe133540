"""What turns image files into the vectors of an index: any encoder, and pixels without torch."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from handloom.search.copies import thumbs
from handloom.search.records import EncoderRecord, Thumbs, Vectors

if TYPE_CHECKING:
    from handloom.data.images.decode import Treatment
    from handloom.encoders import Encoder

DEFAULT = "timm:tf_efficientnet_lite0"
PIXELS = "pixels"
SIDE = 32  # pixels; see encoders.pixels
PREPROCESSING = {
    "size": [SIDE, SIDE], "channels": 3, "fit": "stretch", "background": "white", "crop": 1.0,
    "interpolation": "bilinear",
}  # fmt: skip
CHUNK = 32  # images that a thread decodes at a time
Images: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"  # (N, H, W, C)


class EncodedFiles(NamedTuple):
    """Some files of a list: rows of those that were read, their vectors and thumbnails, and
    (row, reason) of the broken ones."""

    rows: list[int]
    vector: Vectors
    thumb: Thumbs
    broken: list[tuple[int, str]]


class Vectorizer(Protocol):
    """Images to vectors of length 1."""

    record: EncoderRecord
    preprocessing: dict[str, Any]
    batch: int
    """Images that are best given at a time."""

    def __call__(self, images: Images) -> Vectors:
        """Decoded images uint8 (N, H, W, C) to (N, D)."""


class PixelVectors:
    """The encoder `pixels`, of the same vectors and fingerprint, in NumPy."""

    batch = 256

    def __init__(self) -> None:
        self.preprocessing: dict[str, Any] = dict(PREPROCESSING)
        self.record = EncoderRecord(PIXELS, _fingerprint(), 3 * SIDE * SIDE)

    def __call__(self, images: Images) -> Vectors:
        """Decoded images uint8 (N, H, W, C) to (N, D)."""
        planes = images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        return normalized(((planes - 0.5) / 0.5).reshape(len(images), -1))


class NetworkVectors:
    """A network of `encoders`."""

    def __init__(self, encoder: "Encoder", spec: str) -> None:
        self.encoder, self.preprocessing, self.batch = encoder, encoder.preprocessing, encoder.batch
        state = file_state(encoder.weights)
        self.record = EncoderRecord(
            spec, encoder.fingerprint, encoder.width, encoder.weights, state
        )

    def __call__(self, images: Images) -> Vectors:
        """Decoded images uint8 (N, H, W, C) to (N, D)."""
        import torch

        return normalized(self.encoder(torch.from_numpy(images)).numpy())


Find = Callable[[str | None, Path | None], Vectorizer]
"""From an encoder's name and a file of weights to the encoder; None: the default, and its own."""


def normalized(vectors: Vectors) -> Vectors:
    """Rows (N, D), or a vector (D,), divided by their lengths; zeros stay."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(length, np.float32(1e-12))).astype(np.float32)
    return unit


def encode(paths: Sequence[Path], vectorizer: Vectorizer, every: int) -> Iterator[EncodedFiles]:
    """Files in order, in portions of about `every`; threads decode while the network encodes.

    At most 128 decoded images a thread wait, so that memory does not grow with the collection.
    """
    from handloom.data.images.decode import Treatment, quiet
    from handloom.data.io.parallel import in_chunks

    treatment = Treatment.of(vectorizer.preprocessing)
    queue, done = _Queue(vectorizer), 0
    with quiet():
        for chunk in in_chunks(partial(_decoded, treatment), paths, CHUNK):
            queue.add(*chunk)
            done += CHUNK
            if done >= every:
                yield queue.take()
                done = 0
    yield queue.take(is_last=True)


def encode_single(path: Path, vectorizer: Vectorizer) -> tuple[Vectors, Thumbs]:
    """The vector (D,) of one file. Raises Undecodable, a UserError, for a broken one."""
    from handloom.data.images.decode import Treatment, decode_file, quiet

    with quiet():
        pixels, _ = decode_file(path, Treatment.of(vectorizer.preprocessing))
    return vectorizer(pixels[None])[0], thumbs(pixels[None])[0]


def file_state(path: str | None) -> str:
    """Size and time of change of a file of weights, or of a run's; "" where there is none."""
    if path is None:
        return ""
    place = Path(path)
    place = place / "networks.safetensors" if place.is_dir() else place
    try:
        state = place.stat()
    except OSError:
        return ""
    return f"{state.st_size} {state.st_mtime_ns}"


class _Queue:
    """Decoded images until there are enough for whole batches, and then their vectors."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        self.vectorizer = vectorizer
        self.waiting: list[Images] = []
        self.vectors: list[Vectors] = []
        self.thumbs: list[Thumbs] = []
        self.rows: list[int] = []
        self.broken: list[tuple[int, str]] = []

    def add(
        self, images: Images, rows: Sequence[int],
        broken: Sequence[tuple[int, str]],
    ) -> None:  # fmt: skip
        """Takes images (n, H, W, C), and encodes as many as fill batches."""
        self.waiting.append(images)
        self.rows += rows
        self.broken += broken
        batch = self.vectorizer.batch
        self._encode(sum(map(len, self.waiting)) // batch * batch)

    def take(self, is_last: bool = False) -> EncodedFiles:
        """What has been encoded since the last call; at the end also what fills no batch."""
        if is_last:
            self._encode(sum(map(len, self.waiting)))
        width = self.vectorizer.record.width
        vector = np.concatenate([np.empty((0, width), np.float32), *self.vectors])
        thumb = np.concatenate([np.empty((0, 256), np.uint8), *self.thumbs])
        part = EncodedFiles(self.rows[: len(vector)], vector, thumb, self.broken)
        self.rows, self.broken = self.rows[len(vector) :], []
        self.vectors, self.thumbs = [], []
        return part

    def _encode(self, count: int) -> None:
        if count == 0:
            return
        images = np.concatenate(self.waiting)
        self.vectors.append(self.vectorizer(images[:count]))
        self.thumbs.append(thumbs(images[:count]))
        self.waiting = [images[count:]]


def _decoded(
    treatment: "Treatment", start: int, paths: Sequence[Path]
) -> tuple[Images, list[int], list[tuple[int, str]]]:
    """Files, the first of which is number `start` of its list: their images, which they are, and
    (row, reason) of the broken ones."""
    from handloom.data.images.decode import Undecodable, decode_file

    images = np.empty((len(paths), *treatment[:3]), np.uint8)
    rows, broken = list[int](), list[tuple[int, str]]()
    for row, path in enumerate(paths, start):
        try:
            images[len(rows)], _ = decode_file(path, treatment)
            rows.append(row)
        except Undecodable as error:
            broken.append((row, error.reason))
    return images[: len(rows)], rows, broken


def _fingerprint() -> str:
    """As `encoders.encoder.fingerprint` makes it of pixels; a test holds the two equal."""
    known = hashlib.blake2b(digest_size=16)
    known.update(json.dumps([PIXELS, PREPROCESSING], sort_keys=True).encode())
    half = np.full((3, 1, 1), 0.5, np.float32)
    for key in ("normalize.mean", "normalize.std"):
        known.update(f"{key} {half.shape} torch.float32".encode())
        known.update(half.tobytes())
    return known.hexdigest()
