"""How fast a file of word vectors is read, in MB a second: a made-up one of GloVe's shape.

usage: python -m benchmarks.vectors [--megabytes 500] [--width 300] [--file GLOVE.TXT]
"""

import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.arguments import parser_of
from handloom.data.text.vectors import read_vectors


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--width", type=int, default=300)
    parser.add_argument("--wanted", type=int, default=20_000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--cpu-time", action="store_true", help="processor time, not wall time")
    given = parser.parse_args()
    clock = time.process_time if given.cpu_time else time.perf_counter
    with tempfile.TemporaryDirectory() as folder:
        path = given.file or made(Path(folder) / "vectors.txt", given.megabytes, given.width)
        words = [f"word{i * 7}" for i in range(given.wanted)]
        if given.file is not None:
            words = [line.split(" ", 1)[0] for line in path.open(encoding="utf-8")][: given.wanted]
        for _ in range(3):
            began = clock()
            vectors = read_vectors(str(path), words)
            seconds = clock() - began
            print(json.dumps({
                "name": "read vectors", "megabytes": round(path.stat().st_size / 1e6, 1),
                "megabytes_per_second": round(path.stat().st_size / 1e6 / seconds, 1),
                "lines": vectors.lines, "found": len(vectors.words), "broken": vectors.broken,
                "width": vectors.vector.shape[1],
                "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }))  # fmt: skip


def made(path: Path, megabytes: int, width: int) -> Path:
    """A file of words and numbers with five decimals, as GloVe writes them."""
    numbers = np.random.RandomState(0).randn(64, width) * 0.4
    tails = [" " + " ".join(f"{x:.5f}" for x in row) + "\n" for row in numbers]
    size = number = 0
    with path.open("w", encoding="utf-8") as file:
        while size < megabytes * 1_000_000:
            size += file.write(f"word{number}{tails[number % 64]}")
            number += 1
    return path


if __name__ == "__main__":
    main()
