"""Vectors with the structure of real images, as many as are asked for, for benchmarks of search.

CIFAR-10's images, each again and again in other crops, mirrored or not, as pixels (D 3,072),
rotated and cut to their 512 directions of largest variance, of length 1. Neighbours are views of
one image, then images that look alike: what a search has to tell apart.
"""

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from handloom.data.io.storage import data_folder

Array = np.ndarray[Any, np.dtype[np.float32]]
AT_ONCE = 5_000


def vectors_of_images(count: int, width: int = 512, seed: int = 0) -> Array:
    """float32 (count, width), of length 1."""
    random = np.random.default_rng(seed)
    images = _cifar(data_folder() / "cifar-10-batches-py")
    mean, basis = _basis(images, width)
    vectors = np.empty((count, width), np.float32)
    for start in range(0, count, AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, count)) % len(images)
        pixels = _viewed(images[rows], random, is_first=start < len(images))
        some = (pixels - mean) @ basis
        vectors[start : start + AT_ONCE] = some / np.linalg.norm(some, axis=1, keepdims=True)
    return vectors


def _cifar(folder: Path) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    parts = []
    for name in [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]:
        with (folder / name).open("rb") as file:
            parts.append(pickle.load(file, encoding="bytes")[b"data"])
    return np.concatenate(parts).reshape(-1, 3, 32, 32)


def _viewed(
    images: "np.ndarray[Any, np.dtype[np.uint8]]", random: np.random.Generator, is_first: bool
) -> Array:
    """Images (n, 3, 32, 32) as pixels (n, 3072), shifted by up to 4 pixels, half mirrored."""
    if not is_first:
        padded = np.pad(images, ((0, 0), (0, 0), (4, 4), (4, 4)), "reflect")
        shift = random.integers(0, 9, (len(images), 2))
        images = np.stack([image[:, y : y + 32, x : x + 32]
                           for image, (y, x) in zip(padded, shift)])  # fmt: skip
        mirrored = random.random(len(images)) < 0.5
        images[mirrored] = images[mirrored][..., ::-1]
    pixels = images.reshape(len(images), -1).astype(np.float32)
    pixels /= 255
    return pixels


def _basis(images: "np.ndarray[Any, np.dtype[np.uint8]]", width: int) -> tuple[Array, Array]:
    some = images[:: max(1, len(images) // 10_000)].reshape(-1, 3_072).astype(np.float32) / 255
    mean = some.mean(axis=0)
    _, _, axes = np.linalg.svd((some - mean)[:6_000], full_matrices=False)
    return np.asarray(mean, np.float32), np.ascontiguousarray(axes[:width].T, np.float32)
