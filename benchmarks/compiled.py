"""Networks compiled for ONNX Runtime beside torch's own, and searches and predictions with one and
without.

    python -m benchmarks.compiled networks [--spec timm:NAME ...] [--threads 1] [--n 5]
    python -m benchmarks.compiled search PHOTOS --weights FILE [--n 5]
    python -m benchmarks.compiled predict RUN INPUT [--n 5]

`networks` encodes eight images of noise by networks with weights at random: in bfloat16, in float32
and compiled, in turns; images a second of processor, the best of n; and what compiling costs.
`search` indexes PHOTOS without their first and asks for that one in fresh processes, with the
compiled network and without it, in turns; median seconds by the clock and of processor, and the
most memory of one. `predict` has the same of the answer of a run for an input, and of the second
one, after which the run is compiled.
"""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import torch

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.data.images.listing.walk import is_image
from handloom.encoders.compiling import compile_images
from handloom.encoders.encoder import Encoder
from handloom.encoders.opening import architecture_of, encoder_of
from handloom.engine.precision import Precision, PrecisionName

SPECS = (
    "tf_efficientnet_lite0", "mobilenetv2_100", "mobilenetv3_large_100", "efficientnet_b0",
    "resnet18", "resnet50", "convnext_tiny", "vit_tiny_patch16_224", "vit_base_patch32_224",
)  # fmt: skip
IMAGES = 8


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("what", choices=["networks", "search", "predict"])
    parser.add_argument("data", nargs="*", help="PHOTOS, or RUN and INPUT")
    parser.add_argument("--spec", nargs="*", default=[f"timm:{name}" for name in SPECS])
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--n", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HANDLOOM_CACHE"] = f"{folder}/cache"
        if given.what == "networks":
            networks(given)
        elif given.what == "search":
            search(given, Path(folder))
        else:
            predict(given, Path(folder))


def networks(given: argparse.Namespace) -> None:
    print(f"{machine()}, n = {given.n}")
    print("| network | bfloat16 | float32 | compiled | to float32 | to bfloat16 | weights, MB | "
          "compiling, s | memory added, MB |\n|" + " --- |" * 9)  # fmt: skip
    context = multiprocessing.get_context("spawn")
    for spec in given.spec:  # a process for each, which says the most memory it ever had
        with ProcessPoolExecutor(1, context) as pool:
            row = pool.submit(measured, spec, given.threads, given.n).result()
        print(f"| {spec} | {' | '.join(row)} |", flush=True)


def measured(spec: str, threads: int, n: int) -> list[str]:
    """Rates in bfloat16, in float32 and compiled, their ratios, and what compiling costs."""
    torch.set_num_threads(threads)
    half, single = made(spec, "bfloat16"), made(spec, "float32")
    height, width = single.preprocessing["size"]
    images = torch.randint(0, 256, (IMAGES, height, width, 3), dtype=torch.uint8)
    ways: list[Callable[[], object]] = [lambda: half(images), lambda: single(images)]
    rates(ways, 1)  # what encoding needs is no cost of compiling
    before, began = peak(), time.process_time()
    compiled = compile_images(single)
    took, added = time.process_time() - began, peak() - before
    assert compiled is not None, spec
    pixels = images.numpy()
    in_half, in_single, in_file = rates([*ways, lambda: compiled.images(pixels)], n)
    weights = sum(each.nbytes for each in single.network.parameters()) / 1e6
    return [
        f"{in_half:.1f}", f"{in_single:.1f}", f"{in_file:.1f}", f"{in_file / in_single:.2f}",
        f"{in_file / in_half:.2f}", f"{weights:.0f}", f"{took:.1f}", f"{added:.0f}",
    ]  # fmt: skip


def peak() -> float:
    """The most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def made(spec: str, precision: PrecisionName) -> Encoder:
    """An encoder with weights at random, of one seed."""
    torch.manual_seed(0)
    cpu = torch.device("cpu")
    return encoder_of(spec, architecture_of(spec), None, Precision.resolve(cpu, precision))


def rates(ways: list[Callable[[], object]], n: int) -> list[float]:
    """Images a second of processor, the best of n in turns after one that warms up."""
    best = [float("inf")] * len(ways)
    for round_ in range(n + 1):
        for place, way in enumerate(ways):
            began = time.process_time()
            way()
            if round_:
                best[place] = min(best[place], time.process_time() - began)
    return [IMAGES / seconds for seconds in best]


def search(given: argparse.Namespace, folder: Path) -> None:
    photos = shutil.copytree(given.data[0], folder / "photos")
    query = folder / "query.jpg"
    shutil.move(min(path for path in photos.rglob("*") if is_image(str(path))), query)
    weights = ["--weights", str(given.weights)] if given.weights else []
    ask(["index", str(photos), *weights], os.environ["HANDLOOM_CACHE"])
    in_turns(["search", str(photos), str(query)], folder, given.n)


def in_turns(words: list[str], folder: Path, n: int) -> None:
    """Prints what a command takes compiled, and by torch with a cache that keeps nothing."""
    file = folder / "file"
    file.touch()
    compare({
        "compiled": lambda _: ask(words, os.environ["HANDLOOM_CACHE"]),
        "torch": lambda _: ask(words, f"{file}/none"),
    }, n)  # fmt: skip


def predict(given: argparse.Namespace, folder: Path) -> None:
    words = ["predict", *given.data]
    second(words, os.environ["HANDLOOM_CACHE"])
    file = folder / "file"
    file.touch()
    compare({
        "compiled": lambda _: ask(words, os.environ["HANDLOOM_CACHE"]),
        "torch": lambda _: ask(words, f"{file}/none"),  # a cache that keeps nothing
        "torch, then compiling": lambda turn: second(words, f"{folder}/empty-{turn}"),
    }, given.n)  # fmt: skip


def second(words: list[str], cache: str) -> "Asked":
    """Of the second time that a run is asked, after which it is compiled."""
    ask(words, cache)
    return ask(words, cache)


class Asked(NamedTuple):
    """A whole command: seconds by the clock and of processor, and the most memory, in MB."""

    seconds: float
    processor: float
    megabytes: int


def compare(ways: dict[str, Callable[[int], Asked]], n: int) -> None:
    """Prints what n turns took each way."""
    turns = [{way: run(turn) for way, run in ways.items()} for turn in range(n)]
    for way in ways:
        asked = [turn[way] for turn in turns]
        seconds, processor = [one.seconds for one in asked], [one.processor for one in asked]
        print(json.dumps({
            "way": way, "seconds": round(statistics.median(seconds), 2),
            "range": [round(min(seconds), 2), round(max(seconds), 2)],
            "processor": round(statistics.median(processor), 2),
            "range of processor": [round(min(processor), 2), round(max(processor), 2)],
            "megabytes": max(each.megabytes for each in asked), "n": n, "machine": machine(),
        }))  # fmt: skip


# A process of its own in between: a child has at least the memory that its parent had.
CHILD = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "handloom", *sys.argv[1:]], check=True, stdout=-3, stderr=-3)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)
"""


def ask(words: list[str], cache: str) -> Asked:
    """What a command takes in a fresh process."""
    began = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, *words],
        check=True, stdout=subprocess.PIPE, env=os.environ | {"HANDLOOM_CACHE": cache},
    )  # fmt: skip
    processor, megabytes = ran.stdout.split()
    return Asked(time.perf_counter() - began, float(processor), int(megabytes))


if __name__ == "__main__":
    main()
