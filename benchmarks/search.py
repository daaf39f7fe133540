"""How fast an index answers, beside a bare matrix-vector product, Milvus Lite and a data frame.

    python -m benchmarks.search speed [--vectors 100000]      # searches in a process that stays
    python -m benchmarks.search fresh                         # whole processes, and a refresh
    python -m benchmarks.search encoder --photos FOLDER --weights FILE   # one that has a network

Ways take turns in random order, and of each the median of n queries is given, by the clock and in
processor time (which is what can be compared on a machine that others use). Vectors have the
structure of images (`vectors_of_images`). Milvus Lite is measured where it is installed: pip
install pymilvus milvus-lite. `fresh` makes 10,000 small images, indexes them by their pixels and
times the commands. `encoder` times a search by an image that is not known, by EfficientNet-Lite0,
beside a script that imports torch and timm, reads the weights and encodes the image, and does
nothing else; in turns.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from benchmarks.vectors_of_images import vectors_of_images
from handloom.search.embedded import EmbeddedStore
from handloom.search.milvus import MilvusStore
from handloom.search.records import EncoderRecord, Entry, Part
from handloom.search.store import VectorStore

K = 10
Ask = Callable[[Any], list[int]]  # a query (D,) to rows


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("what", choices=["speed", "insert", "fresh", "encoder"])
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--file", type=Path, help="vectors as .npy, in place of those of images")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--n", type=int, default=30)
    given = parser.parse_args()
    if given.what == "encoder" and None in (given.photos, given.weights):
        parser.error("encoder needs --photos, a folder of .jpg, and --weights of its network")
    with tempfile.TemporaryDirectory() as folder:
        what = {"speed": speed, "insert": insert, "fresh": fresh, "encoder": encoder}[given.what]
        measured = what(given, Path(folder))
    print(json.dumps(measured | {"machine": machine()}))


def speed(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Median milliseconds a query of each way, in turns, and whether the answers are exact."""
    every = np.load(given.file) if given.file else vectors_of_images(given.vectors + given.n)
    vectors, queries = every[: -given.n], every[-given.n :]
    ways: dict[str, Ask] = {"numpy": numpy_way(vectors), "handloom": handloom_way(vectors, folder)}
    if find_spec("milvus_lite") is not None:
        ways["milvus_lite_flat"] = milvus_way(vectors, folder)
    clock: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    wrong = dict.fromkeys(ways, 0)
    order = random.Random(0)
    for query in queries:
        truth = np.sort(vectors @ query)[-K]
        # A fixed order would let one way always run in the wake of Milvus's threads.
        for name, ask in order.sample(list(ways.items()), len(ways)):
            began, began_cpu = time.perf_counter(), time.process_time()
            rows = ask(query)
            clock[name].append(1000 * (time.perf_counter() - began))
            cpu[name].append(1000 * (time.process_time() - began_cpu))
            wrong[name] += sum(bool(vectors[row] @ query < truth - 1e-5) for row in rows)
    frame = frame_way(vectors, queries[:3])
    return {
        "vectors": len(vectors),
        "milliseconds": {name: round(statistics.median(times), 1) for name, times in clock.items()},
        "cpu_milliseconds": {name: round(statistics.median(t), 1) for name, t in cpu.items()},
        "data_frame_milliseconds": round(frame, 1),
        "not_among_the_nearest": wrong,
    }


def insert(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Vectors a second that each store takes in batches of 1,024, by the clock and a second of
    processor; Milvus Lite runs in the same process, over its protocol."""
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(given.vectors, 512)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    measured: dict[str, Any] = {"vectors": given.vectors}
    stores: dict[str, VectorStore] = {"embedded": EmbeddedStore(folder / "i.index", is_new=True)}
    if find_spec("milvus_lite") is not None:
        stores["milvus_lite"] = MilvusStore(str(folder / "m.db"), "images")
    for name, store in stores.items():
        began, cpu = time.perf_counter(), time.process_time()
        fill(store, vectors)
        measured[f"{name}_a_second"] = round(len(vectors) / (time.perf_counter() - began))
        measured[f"{name}_a_cpu_second"] = round(len(vectors) / (time.process_time() - cpu))
    return measured


def numpy_way(vectors: Any) -> Ask:
    """What cannot be done without: a product and the ten largest."""

    def ask(query: Any) -> list[int]:
        scores = vectors @ query
        rows = np.argpartition(scores, len(scores) - K)[-K:]
        return list(rows[np.argsort(-scores[rows])])

    return ask


def handloom_way(vectors: Any, folder: Path) -> Ask:
    """The embedded store, images and their paths included."""
    store = EmbeddedStore(folder / "images.index", is_new=True)
    began = time.perf_counter()
    fill(store, vectors)
    print(f"index of {len(vectors):,}: {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return lambda query: [int(match.images[0].path[:-4])
                          for match in islice(store.nearest(query), K)]  # fmt: skip


def fill(store: VectorStore, vectors: Any) -> None:
    """Images with vectors, in batches as `index` puts them."""
    store.begin(EncoderRecord("pixels", "0" * 32, vectors.shape[1]), False)
    for start in range(0, len(vectors), 1024):
        rows = range(start, min(start + 1024, len(vectors)))
        keys = [row.to_bytes(16, "big") for row in rows]
        entries = [Entry(f"{row}.jpg", 1, 1, key, "") for row, key in zip(rows, keys, strict=True)]
        thumb = np.zeros((len(rows), 256), np.uint8)
        store.put(entries, Part(keys, vectors[start : start + 1024], thumb))
    store.finish()


def milvus_way(vectors: Any, folder: Path) -> Ask:
    """Milvus Lite with its index FLAT, paths included."""
    from pymilvus import DataType, MilvusClient

    client = MilvusClient(str(folder / "milvus.db"))
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("path", DataType.VARCHAR, max_length=100)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.shape[1])
    index = client.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="COSINE")
    client.create_collection("images", schema=schema, index_params=index)
    for start in range(0, len(vectors), 1000):
        client.insert("images", [
            {"id": row, "path": f"{row}.jpg", "vector": vectors[row]}
            for row in range(start, min(start + 1000, len(vectors)))
        ])  # fmt: skip
    client.flush("images")
    client.load_collection("images")

    def ask(query: Any) -> list[int]:
        found = client.search("images", [query], limit=K, output_fields=["path"])[0]
        return [int(hit["id"]) for hit in found]

    return ask


def frame_way(vectors: Any, queries: Any) -> float:
    """Milliseconds of the tutorials' way: a data frame with a column of lists, of which each query
    makes a matrix and gives it to sklearn's cosine_similarity."""
    import pandas as pd
    from sklearn.metrics.pairwise import cosine_similarity

    few = vectors[:: max(1, len(vectors) // 10_000)]  # a tenth of the time, and ten times of it
    frame = pd.DataFrame({"vector": few.tolist()})
    times = []
    for query in queries:
        began = time.perf_counter()
        scores = cosine_similarity(np.stack(frame["vector"].to_numpy()), query[None])[:, 0]
        np.argsort(-scores)[:K]
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times) * len(vectors) / len(few)


def fresh(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Seconds of whole processes: the first index, a refresh, searches by number and by image."""
    from PIL import Image

    generator = np.random.default_rng(0)
    for number in range(given.images):
        place = folder / "photos" / f"{number % 10}"
        place.mkdir(parents=True, exist_ok=True)
        pixels = generator.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((64, 64)).save(place / f"{number}.png")
    Image.fromarray(pixels[::-1]).resize((64, 64)).save(folder / "query.png")
    time.sleep(3)  # younger files are read again, since their time proves nothing
    photos, query = str(folder / "photos"), str(folder / "query.png")
    commands = {
        "index": ["index", photos, "--encoder", "pixels"],
        "refresh": ["index", photos],
        "search_by_number": ["search", photos, "--id", "17"],
        "search_by_image": ["search", photos, query],
        "search_where": ["search", photos, query, "--where", "label = '3'"],
        "python_alone": [],
    }
    return {name: timed(words, 1 if name == "index" else 5) for name, words in commands.items()}


BARE = """
import sys
import numpy as np, timm, torch
from PIL import Image
from safetensors.torch import load_file
network = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0).eval()
weights = load_file(sys.argv[1])
network.load_state_dict({k: v for k, v in weights.items() if not k.startswith("classifier")})
image = np.asarray(Image.open(sys.argv[2]).convert("RGB").resize((224, 224)))
pixels = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float().div(255).sub(0.5).div(0.5)
with torch.inference_mode():
    network(pixels)
"""


def encoder(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Seconds of a whole process that needs a network, and of the imports, weights and the image
    alone: the medians of n turns."""
    from PIL import Image

    place, query = str(folder / "photos.index"), str(folder / "query.jpg")
    Image.open(next(given.photos.rglob("*.jpg"))).rotate(5).save(query)
    weights = str(given.weights)
    handloom = [sys.executable, "-m", "handloom"]
    made = [*handloom, "index", str(given.photos), "--store", place, "--weights", weights]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    ways = {"bare": [sys.executable, "-c", BARE, weights, query],
            "search": [*handloom, "search", place, query]}  # fmt: skip
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(given.n):
        for name, command in ways.items():
            times[name].append(spent(command))
    clock, cpu = (
        {name: statistics.median(pair[kind] for pair in pairs) for name, pairs in times.items()}
        for kind in (0, 1)
    )
    return {
        "seconds": {name: round(value, 2) for name, value in clock.items()},
        "cpu_seconds": {name: round(value, 2) for name, value in cpu.items()},
        "ratio": round(clock["search"] / clock["bare"], 2),
        "cpu_ratio": round(cpu["search"] / cpu["bare"], 2),
    }


def timed(words: list[str], times: int) -> dict[str, float]:
    """The best of so many runs: seconds by the clock, and of the processor."""
    command = [sys.executable, "-m", "handloom", *words] if words else [sys.executable, "-c", ""]
    best: dict[str, float] = {"seconds": float("inf"), "cpu_seconds": float("inf")}
    for _ in range(times):
        seconds, cpu = spent(command)
        best["seconds"] = round(min(best["seconds"], seconds), 3)
        best["cpu_seconds"] = round(min(best["cpu_seconds"], cpu), 3)
    return best


def spent(command: list[str]) -> tuple[float, float]:
    """Seconds of a process by the clock, and of the processor."""
    import resource

    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
