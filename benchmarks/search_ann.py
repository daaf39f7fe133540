"""Approximate indexes beside exact search: FAISS and USearch, each in a process of its own.

    python -m benchmarks.search_ann [--vectors 100000] [--queries 200] [--threads 2] [--ways ...]

Build seconds and processor seconds, memory, size on disk, seconds to import, to open memory-mapped
and answer first, recall@10 against exact search, and milliseconds a query. Queries are further
views of images of the collection. `index` is what `--method approximate` is made by and answers
with; its memory holds the pages of the mapped vectors. Needs: pip install faiss-cpu usearch
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.arguments import parser_of
from handloom.search import approximate
from handloom.search.matrix import Matrix, MatrixState

K = 10
WAYS = ("exact", "index", "faiss-hnsw", "faiss-ivf", "usearch-f32", "usearch-f16", "usearch-i8")


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ways", nargs="*", default=WAYS, choices=WAYS)
    parser.add_argument("--worker", choices=["build", "search"])
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.worker:
        print(json.dumps({"build": build, "search": search}[given.worker](given)))
        return
    from benchmarks.vectors_of_images import vectors_of_images

    with tempfile.TemporaryDirectory() as folder:
        every = vectors_of_images(given.vectors + given.queries)
        np.save(Path(folder) / "vectors.npy", every[: given.vectors])
        np.save(Path(folder) / "queries.npy", every[given.vectors :])
        truth = exact(every[: given.vectors], every[given.vectors :])
        np.save(Path(folder) / "truth.npy", truth)
        del every
        for way in given.ways:
            measured: dict[str, Any] = {"way": way, "vectors": given.vectors}
            for worker in ("build", "search"):
                measured |= _run(given, worker, way, folder)
            print(json.dumps(measured), flush=True)


def _run(given: argparse.Namespace, worker: str, way: str, folder: str) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.search_ann", "--worker", worker, "--way", way,
             "--folder", folder, "--threads", str(given.threads)]  # fmt: skip
    environment = os.environ | {"OMP_NUM_THREADS": str(given.threads)}
    done = subprocess.run(words, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def exact(vectors: Any, queries: Any) -> Any:
    """Rows (Q, 10) of the nearest, best first."""
    return np.stack([np.argsort(-(vectors @ query), kind="stable")[:K] for query in queries])


def build(given: argparse.Namespace) -> dict[str, Any]:
    """Build seconds by the clock and the processor, memory beyond the vectors, bytes on disk."""
    began = time.perf_counter()
    make = BUILDERS[given.way](given.threads)
    imported = time.perf_counter() - began
    mode: Literal["r"] | None = "r" if given.way == "index" else None
    vectors = np.load(given.folder / "vectors.npy", mmap_mode=mode).view(np.ndarray)
    before = _peak()
    began, cpu = time.perf_counter(), time.process_time()
    path = given.folder / given.way
    make(vectors, str(path))
    return {
        "import_s": round(imported, 2),
        "build_s": round(time.perf_counter() - began, 1),
        "build_cpu_s": round(time.process_time() - cpu, 1),
        "build_memory_mb": round(_peak() - before),
        "disk_mb": round(_bytes(path) / 1e6),
    }


def search(given: argparse.Namespace) -> dict[str, Any]:
    """Seconds until the first answer of a fresh process, then milliseconds a query and recall."""
    began = time.perf_counter()
    ask = SEARCHERS[given.way](given)
    queries, truth = (np.load(given.folder / f"{name}.npy") for name in ("queries", "truth"))
    ask(queries[0])
    first = time.perf_counter() - began
    seconds, cpu, hits = [], time.process_time(), 0
    for query, rows in zip(queries, truth, strict=True):
        start = time.perf_counter()
        found = ask(query)
        seconds.append(time.perf_counter() - start)
        hits += len({*map(int, found)} & {*map(int, rows)})
    return {
        "first_answer_s": round(first, 2),
        "query_ms_p50": round(1000 * float(np.median(seconds)), 2),
        "query_cpu_ms": round(1000 * (time.process_time() - cpu) / len(queries), 2),
        "recall_at_10": round(hits / truth.size, 4),
    }


def _bytes(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else [path] if path.exists() else []
    return sum(file.stat().st_size for file in files)


def _peak() -> float:
    """MB, of this process alone: what getrusage has begins with the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


Make = Callable[[Any, str], None]


def _no_build(threads: int) -> Make:
    return lambda vectors, path: None


def _matrix(vectors: Any, path: Path) -> Matrix:
    rows = np.arange(len(vectors))
    return Matrix(MatrixState(1, 0, len(rows)), rows, vectors, rows[:0], vectors[:0], path)


def _own(threads: int) -> Make:
    import faiss

    faiss.omp_set_num_threads(threads)

    def make(vectors: Any, path: str) -> None:
        Path(path).mkdir()
        approximate.build(_matrix(vectors, Path(path)))

    return make


def _faiss_hnsw(threads: int) -> Make:
    import faiss

    faiss.omp_set_num_threads(threads)

    def make(vectors: Any, path: str) -> None:
        index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = 100
        index.add(vectors)
        faiss.write_index(index, path)

    return make


def _faiss_ivf(threads: int) -> Make:
    import faiss

    faiss.omp_set_num_threads(threads)

    def make(vectors: Any, path: str) -> None:
        lists = int(2 * len(vectors) ** 0.5)
        index = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        index.train(vectors[:: max(1, len(vectors) // (40 * lists))])
        index.add(vectors)
        faiss.write_index(index, path)

    return make


def _usearch(kind: str) -> Callable[[int], Make]:
    def builder(threads: int) -> Make:
        from usearch.index import Index

        def make(vectors: Any, path: str) -> None:
            index = Index(ndim=vectors.shape[1], metric="cos", dtype=kind, connectivity=32,
                          expansion_add=100)  # fmt: skip
            index.add(np.arange(len(vectors)), vectors, threads=threads)
            index.save(path)

        return make

    return builder


def _ask_exact(given: argparse.Namespace) -> Callable[[Any], Any]:
    vectors = np.load(given.folder / "vectors.npy", mmap_mode="r").view(np.ndarray)

    def ask(query: Any) -> Any:
        scores = vectors @ query
        return np.argpartition(-scores, K)[:K]

    return ask


def _ask_own(given: argparse.Namespace) -> Callable[[Any], Any]:
    import faiss

    faiss.omp_set_num_threads(given.threads)
    vectors = np.load(given.folder / "vectors.npy", mmap_mode="r").view(np.ndarray)
    matrix = _matrix(vectors, given.folder / given.way)
    index = approximate.Approximate(matrix)

    def ask(query: Any) -> Any:
        places, _ = next(index.ranked(matrix, query))
        return places[:K]

    return ask


def _ask_faiss(given: argparse.Namespace) -> Callable[[Any], Any]:
    import faiss

    faiss.omp_set_num_threads(given.threads)
    index: Any = faiss.read_index(str(given.folder / given.way), faiss.IO_FLAG_MMAP)
    if given.way == "faiss-hnsw":
        index.hnsw.efSearch = 128
    else:
        index.nprobe = max(8, index.nlist // 16)
    return lambda query: index.search(query[None], K)[1][0]


def _ask_usearch(given: argparse.Namespace) -> Callable[[Any], Any]:
    from usearch.index import Index

    index = Index.restore(str(given.folder / given.way), view=True)
    index.expansion_search = 128
    return lambda query: index.search(query, K).keys


BUILDERS = {
    "exact": _no_build, "index": _own, "faiss-hnsw": _faiss_hnsw, "faiss-ivf": _faiss_ivf,
    "usearch-f32": _usearch("f32"), "usearch-f16": _usearch("f16"), "usearch-i8": _usearch("i8"),
}  # fmt: skip
SEARCHERS = {
    "exact": _ask_exact, "index": _ask_own, "faiss-hnsw": _ask_faiss, "faiss-ivf": _ask_faiss,
    "usearch-f32": _ask_usearch, "usearch-f16": _ask_usearch, "usearch-i8": _ask_usearch,
}  # fmt: skip

if __name__ == "__main__":
    main()
