"""A collection of images, and stores, that several tests of search use."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.data.images.reading import Reading
from handloom.errors import UserError
from handloom.search.index import Index
from handloom.search.opening import update
from handloom.search.records import EncoderRecord, Entry, Part, Vectors
from handloom.search.refresh import Refreshed, WantedEncoder
from handloom.search.store import VectorStore
from handloom.search.vectors import PixelVectors, Vectorizer

RECORD = EncoderRecord("toy", "f" * 32, 4)
AGES = 3_600  # seconds, so that a file's time of change is settled


def silent(what: str, done: int, total: int) -> None:
    """Reports nothing."""


class Encoders:
    """Makes encoders, and counts what is asked of them."""

    def __init__(self) -> None:
        self.made: list[str | None] = []
        self.images = 0

    def __call__(self, spec: str | None, weights: Path | None) -> Vectorizer:
        """Pixels; "dark" is another encoder, whose vectors are those of darker images."""
        self.made.append(spec)
        if spec == "wordy":
            return Wordy()
        if spec not in (None, "pixels", "dark"):
            raise UserError(f"there is no encoder '{spec}'")
        return Counted(self, spec or "pixels")


class Counted(PixelVectors):
    """Pixels that count the images they are given."""

    def __init__(self, encoders: Encoders, spec: str) -> None:
        super().__init__()
        self.encoders = encoders
        if spec == "dark":
            self.record = self.record._replace(spec="dark", fingerprint="d" * 32)

    def __call__(self, images: "np.ndarray[object, np.dtype[np.uint8]]") -> Vectors:  # type: ignore[override]
        """As pixels."""
        self.encoders.images += len(images)
        return super().__call__(images // 2 if self.record.spec == "dark" else images)


class Wordy(PixelVectors):
    """Mean colours, shifted so that hues differ, and words that are read by the colours in them."""

    def __init__(self) -> None:
        super().__init__()
        self.record = EncoderRecord("wordy", "w" * 32, 4, reads="images and texts")

    def __call__(self, images: "np.ndarray[object, np.dtype[np.uint8]]") -> Vectors:  # type: ignore[override]
        """Of images, (N, 4): red, green, blue, and nothing."""
        mean = images.mean(axis=(1, 2))
        return unit(np.concatenate([mean - mean.mean(axis=1, keepdims=True),
                                    np.full((len(mean), 1), 10.0)], axis=1))  # fmt: skip

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Those with question marks; a UserError for nothing else."""
        if text == "???":
            raise UserError("no word of it is known")
        return tuple(word for word in text.split() if "?" in word)

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Of texts, (N, 4); those without a colour are nothing alone."""
        rows = [[2.0 * (name in text) for name in ("red", "green", "blue")] for text in texts]
        return unit([[*row, 1.0] if any(row) else [-0.1, 0, 0, 1] for row in rows])


@pytest.fixture
def encoders() -> Encoders:
    return Encoders()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three classes of 8 images: a hue each, and a large pattern of their own."""
    random = np.random.default_rng(0)
    for channel, name in enumerate(("blue", "green", "red")):
        for number in range(8):
            pattern = random.integers(0, 120, (4, 4, 3), dtype=np.uint8)
            pattern[..., 2 - channel] += 130
            write(tmp_path / "photos" / name / f"{number}.png", pattern)
    return tmp_path / "photos"


def write(path: Path, pattern: "np.ndarray[object, np.dtype[np.uint8]]", age: int = AGES) -> None:  # type: ignore[type-var]
    """An image of 40x40 pixels, written some seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.asarray(pattern, np.uint8)).resize(
        (40, 40), Image.Resampling.NEAREST
    )
    image.save(path)
    settle(path, age)


def settle(path: Path, age: int = AGES) -> None:
    """A file's time of change, so many seconds ago."""
    state = path.stat()
    os.utime(path, (state.st_atime, state.st_mtime - age))


@pytest.fixture
def refreshed(photos: Path, encoders: Encoders) -> Callable[..., tuple[Index, Refreshed]]:
    """refreshed(spec=None, is_rebuild=False) -> the index of the photos, and what was done."""

    def run(spec: str | None = None, is_rebuild: bool = False) -> tuple[Index, Refreshed]:
        wanted = WantedEncoder(spec, None, encoders)
        index, done, _ = update(photos, None, wanted, is_rebuild, Reading(), silent)
        return index, done

    return run


def unit(rows: Sequence[Sequence[float]]) -> Vectors:
    """Rows divided by their lengths."""
    vectors = np.array(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def entry(path: str, content: bytes, **more: object) -> Entry:
    """A file for a store."""
    return Entry(path, 10, 1, content, "2026-11-26 14:05")._replace(**more)  # type: ignore[arg-type]


def part(contents: Sequence[bytes], vectors: Vectors) -> Part:
    """Vectors for a store."""
    return Part(list(contents), vectors, np.zeros((len(contents), 256), np.uint8))


def by_path(store: VectorStore) -> dict[str, Entry]:
    """Every file of a store."""
    return {entry.path: entry for entry in store.entries()}
