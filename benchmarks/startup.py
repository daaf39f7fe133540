"""How long a person waits: whole processes against `import torch` alone, in pairs.

usage: python -m benchmarks.startup [--runs 7] [--cpu-time]
Prints one JSON line per command: n, median seconds and the median, least and greatest of the
ratios taken pair by pair. A training stops at its first turn, a prediction at its first network
call, by leaving the process there.
"""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.arguments import parser_of
from benchmarks.machine import machine

TORCH = "import torch"
STOP = """
import os, sys
from handloom.cli import main as cli
import {module} as m
def leave(*arguments, **options):
    os._exit(0)
m.{call} = leave
sys.argv = {argv!r}
cli.main()
os._exit(9)
"""
# Where a process is left: modules that the command imports too, so that nothing comes for nothing.
FIRST_TURN = ("handloom.engine.step", "TrainStep.__call__")
FIRST_PREDICTION = ("handloom.engine.inference", "logits_of")


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument(
        "--cpu-time", action="store_true", help="of all their threads, not wall time"
    )
    given = parser.parse_args()
    seconds = cpu_seconds if given.cpu_time else wall_seconds
    with tempfile.TemporaryDirectory() as folder:
        out, image = f"{folder}/run", f"{folder}/digit.png"
        prepare(out, image)
        commands = {
            "handloom --help": [sys.executable, "-m", "handloom", "--help"],
            "train classifier digits, first batch": code(
                FIRST_TURN, ["train", "classifier", "digits", "--out", f"{folder}/x"]
            ),
            "predict, first batch": code(FIRST_PREDICTION, ["predict", out, image]),
        }
        for name, command in commands.items():
            print(
                json.dumps({"name": name} | compare(command, given.runs, folder, seconds)),
                flush=True,
            )


def prepare(out: str, image: str) -> None:
    """A run to predict with, and an image."""
    import numpy as np
    from PIL import Image

    Image.fromarray(np.zeros((8, 8), dtype="uint8")).save(image)
    train = ["train", "classifier", "digits", "--epochs", "1", "--out", out]
    subprocess.run([sys.executable, "-m", "handloom", *train], check=True, capture_output=True)


def code(place: tuple[str, str], argv: list[str]) -> list[str]:
    module, call = place
    program = STOP.format(module=module, call=call, argv=["handloom", *argv])
    return [sys.executable, "-c", program]


def compare(
    command: list[str], runs: int, folder: str, seconds: Callable[[list[str]], float]
) -> dict[str, object]:
    """Seconds of `command` and of `import torch`, in turn, the first pair not counted."""
    pairs = []
    for _ in range(runs + 1):
        for stale in Path(folder).glob("x"):
            shutil.rmtree(stale)
        pairs.append((seconds(command), seconds([sys.executable, "-c", TORCH])))
    ratios = [mine / torch for mine, torch in pairs[1:]]
    return {
        "n": runs,
        "seconds": round(statistics.median(mine for mine, _ in pairs[1:]), 3),
        "import_torch_seconds": round(statistics.median(torch for _, torch in pairs[1:]), 3),
        "ratio": round(statistics.median(ratios), 3),
        "least": round(min(ratios), 3),
        "greatest": round(max(ratios), 3),
        "machine": machine(),
    }


def wall_seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def cpu_seconds(command: list[str]) -> float:
    """Processor time of the process, which is waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
