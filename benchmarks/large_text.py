"""A large file of text: seconds and peak memory of reading it and of training on all of it.

usage: python -m benchmarks.large_text [--megabytes 1000] [--steps 50] [--folder DIR]

Writes Python's documentation over and over, with numbers that differ, into a folder of its own
(below DIR), trains a char-rnn on it in a process of its own for some steps, judges the held-out
part, and deletes the folder, the numbers that Handloom keeps there included.
Prints a JSON line: megabytes read and kept, seconds of each part, peak resident memory.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.display.console import Display


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--train", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.train:
        print(json.dumps(trained(given.train, given.steps)))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder) / "large.txt"
        write(path, given.megabytes)
        for _ in range(2):  # the second time its numbers are there already
            command = [sys.executable, "-m", "benchmarks.large_text", "--train", str(path)]
            command += ["--steps", str(given.steps)]
            environment = os.environ | {"HANDLOOM_CACHE": f"{folder}/cache/images"}
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
            kept = sum(f.stat().st_size for f in Path(folder).glob("cache/**/*.bin"))
            print(json.dumps({"read_mb": path.stat().st_size / 1e6, "kept_mb": kept / 1e6}
                             | json.loads(done.stdout)), flush=True)  # fmt: skip


def write(path: Path, megabytes: int) -> None:
    """So many million bytes of documentation, a number before every tenth line."""
    from handloom.data.text.pydoc import pydoc_text

    lines = pydoc_text().splitlines()
    size = number = 0
    with path.open("w", encoding="utf-8") as file:
        while size < megabytes * 1e6:
            for at, line in enumerate(lines):
                number += at % 10 == 0
                size += len(file_line := f"{number} {line}\n" if at % 10 == 0 else f"{line}\n")
                file.write(file_line)


def trained(path: Path, steps: int) -> dict[str, Any]:
    """Read it, train for some steps on windows from all over it, evaluate what is held out."""
    from handloom.engine.evaluate import evaluate
    from handloom.engine.loop import Callback, Fit
    from handloom.jobs.training.preparation import prepare

    class Stop(Callback):
        def step(self, fit: Fit) -> None:
            if fit.progress.step >= steps:
                fit.progress.stop = "enough"

    began = time.perf_counter()
    prepared = prepare("char-rnn", str(path), {"hidden": 128}, Display(quiet=True))
    prepared.resolve()
    read = time.perf_counter() - began
    built = prepared.build()
    experiment = built.experiment
    fit = Fit(experiment, [Stop()])
    fit.run()
    after = time.perf_counter()
    metrics = evaluate(experiment.objective, experiment.evaluations["valid"], experiment.precision)
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "characters": built.record["characters"],
        "seconds_reading": round(read, 1),
        "steps": fit.progress.step,
        "seconds_training": round(fit.progress.seconds, 1),
        "seconds_evaluating": round(time.perf_counter() - after, 1),
        "bits_per_character": round(metrics["bits_per_character"], 3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6,
        "machine": machine(),
    }


if __name__ == "__main__":
    main()
