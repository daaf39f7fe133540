"""How near `handloom index` comes to its ceiling, and where its own time goes.

    python -m benchmarks.indexing PHOTOS [--encoder timm:tf_efficientnet_lite0] [--weights FILE]

Decoding and the network share the cores of a CPU, so that no index can be made faster than
1 / (1 / decode + 1 / network) images a second. The two alone, the other parts alone (thumbnails,
the list of files, the store) and a whole index of the folder, from the list of files to the matrix
that is searched, take turns; of each the least of n times is given, by the clock and in processor
time. The encoder is loaded before.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom import api
from handloom.data.images.chunks import whole_batches
from handloom.data.images.decode import Treatment
from handloom.data.images.reading import Reading
from handloom.search.copies import thumbs
from handloom.search.embedded import EmbeddedStore
from handloom.search.embedding import PART
from handloom.search.opening import update
from handloom.search.records import Entry, Part
from handloom.search.refresh import WantedEncoder
from handloom.search.scan import scan
from handloom.search.vectors import DEFAULT, Vectorizer


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--encoder", default=DEFAULT)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--n", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    vectorizer = api.vectorizers("cpu")(options.encoder, options.weights)
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(options.photos, vectorizer, Path(folder), options.n)
    print(json.dumps(measured | {"n": options.n, "machine": machine()}))


def measure(photos: Path, vectorizer: Vectorizer, folder: Path, n: int) -> dict[str, Any]:
    scanned = scan(photos, Reading())
    paths = [scanned.root / entry.path for entry in scanned.entries()]
    assert vectorizer.preprocessing is not None
    treatment = Treatment.of(vectorizer.preprocessing)
    images = np.concatenate([part.images for part in whole_batches(paths, treatment, 32)])
    vectors = vectorizer(images)
    numbers = iter(range(1_000_000))

    def decode() -> int:
        return sum(len(part.images) for part in whole_batches(paths, treatment, vectorizer.batch))

    def network() -> None:
        for start in range(0, len(images), vectorizer.batch):
            vectorizer(images[start : start + vectorizer.batch])

    def whole() -> list[Entry]:
        wanted = WantedEncoder(vectorizer.record.spec, None, lambda *_: vectorizer)
        store = folder / f"{next(numbers)}.index"
        made, _, _ = update(photos, store, wanted, False, Reading(), lambda *_: None)
        entries = list(made.store.entries())
        made.close()
        return entries

    def small() -> None:
        for start in range(0, len(images), vectorizer.batch):
            thumbs(images[start : start + vectorizer.batch])

    def store() -> None:
        put(EmbeddedStore(folder / f"{next(numbers)}.index", is_new=True), entries, vectorizer,
            vectors, images)  # fmt: skip

    entries = whole()
    parts: dict[str, Callable[[], Any]] = {
        "decode": decode, "network": network, "whole": whole, "thumbnails": small,
        "list": lambda: scan(photos, Reading()), "store": store,
    }  # fmt: skip
    times = turns(parts, n)
    count = len(paths)
    ceiling = {kind: count / (times["decode"][kind] + times["network"][kind]) for kind in (0, 1)}
    reached = {kind: count / times["whole"][kind] for kind in (0, 1)}
    return {
        "images": count,
        "ms_an_image": {name: ms(wall, count) for name, (wall, _) in times.items()},
        "processor_ms_an_image": {name: ms(cpu, count) for name, (_, cpu) in times.items()},
        "of_ceiling": round(reached[0] / ceiling[0], 3),
        "of_ceiling_by_processor": round(reached[1] / ceiling[1], 3),
    }


def put(
    store: EmbeddedStore, entries: list[Entry], vectorizer: Vectorizer, vectors: Any, images: Any
) -> None:
    """What the store does of an index, with its matrix: nothing is decoded or encoded."""
    thumb = thumbs(images[:1])
    store.begin(vectorizer.record, False)
    for start in range(0, len(entries), PART):
        some = entries[start : start + PART]
        keys = [entry.content for entry in some]
        part = Part(keys, vectors[start : start + PART], thumb.repeat(len(some), axis=0))
        store.put(some, part)
    store.finish()
    store.close()


def turns(parts: dict[str, Callable[[], Any]], n: int) -> dict[str, tuple[float, float]]:
    """The least seconds of each, by the clock and of the processor, over n rounds."""
    least = {name: (float("inf"), float("inf")) for name in parts}
    for _ in range(n):
        for name, part in parts.items():
            began, before = time.perf_counter(), os.times()
            part()
            wall, after = time.perf_counter() - began, os.times()
            cpu = after.user + after.system - before.user - before.system
            least[name] = min(least[name][0], wall), min(least[name][1], cpu)
    return least


def ms(seconds: float, count: int) -> float:
    return round(1000 * seconds / count, 2)


if __name__ == "__main__":
    main()
