"""Style transfer measured: an iteration, the way to a loss, memory by size, images side by side.

usage: python -m benchmarks.style LISTINGS.py DATA [iteration sooner seams memory quality]
           [--try]

LISTINGS.py: the tutorials' code, with an experiment `gatys-style`. DATA: a folder with
pictures/ and weights/vgg19_16x/. Prints one JSON line a measurement and a markdown table a part;
`quality` and `seams` write their images into the present folder. Ratios are of times taken in
turns. --try: every part in a small form, whose figures mean nothing.
"""

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.arguments import parser_of
from benchmarks.style_quality import quality
from benchmarks.style_tiles import memory, seams
from benchmarks.style_ways import image, plain_loss, random_vgg19, stages
from benchmarks.turns import load_listings
from handloom.engine.loop import Callback, Fit

SEED = 0
TRY: dict[str, dict[str, Any]] = {
    "iteration": {"pairs": 1},
    "sooner": {"iterations": 5, "side": 64},
    "seams": {"side": 160, "evaluations": 2},
    "memory": {"sides": (64,), "limits": (None,)},
    "quality": {"styles": ("the_scream",), "side": 64},
}


def main() -> None:
    measurements: dict[str, Callable[..., None]] = {
        "iteration": iteration,
        "sooner": sooner,
        "seams": seams,
        "memory": memory,
        "quality": quality,
    }
    parser = parser_of(__doc__)
    parser.add_argument("listings", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(measurements)}")
    parser.add_argument("--try", action="store_true", dest="is_try", help="in a small form")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(measurements):
        parser.error(
            f"unknown part {', '.join(sorted(unknown))}; give one of {', '.join(measurements)}"
        )
    cores = torch.get_num_threads()
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {cores} threads, torch {torch.__version__}, seed {SEED}")
    for name in given.parts or measurements:
        torch.manual_seed(SEED)
        measurements[name](given.listings, given.data, **(TRY[name] if given.is_try else {}))


def iteration(listings: Path, data: Path, pairs: int = 5) -> None:
    """Seconds of one iteration, VGG-19, 400 pixels: the listing's and ours, in turns."""
    plain = load_listings(listings).EXPERIMENTS["gatys-style"](str(data), 1.0)
    next(plain)
    with tempfile.TemporaryDirectory() as folder:
        weights = random_vgg19(Path(folder) / "vgg19.pth")
        ours = _steps(data, dict(network="vgg19", weights=str(weights), preset="tutorial"))
        seconds: list[tuple[float, float]] = []
        next(ours)
        for _ in range(pairs):
            seconds.append((_timed(plain) / 2, _timed(ours)))
            record = dict(zip(("plain", "ours"), seconds[-1], strict=True))
            print(json.dumps({"part": "iteration", **record}), flush=True)
    ratios = [a / b for a, b in seconds]
    a, b = (statistics.median(column) for column in zip(*seconds))
    print("\n| iteration, 400 px, VGG-19 | plain | ours | ratio (lowest to highest) |")
    print("|---|---|---|---|")
    print(
        f"| seconds, median of {pairs} | {a:.2f} | {b:.2f} | {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}) |\n"
    )


def _steps(data: Path, options: dict[str, Any]) -> Any:
    """Yields after every step of ours, through the engine."""
    experiment, _ = next(stages(data, options))
    fit = Fit(experiment)
    while True:
        for step in fit.steps:
            step({})
        yield fit.steps[0].means()["loss"]


def _timed(generator: Any) -> float:
    began = time.perf_counter()
    next(generator)
    return time.perf_counter() - began


def sooner(listings: Path, data: Path, iterations: int = 300, side: int = 256) -> None:
    """Seconds to the loss that the plain way reaches after 300 iterations; compressed network."""
    loss_of = plain_loss(data, side)
    photo = image(data, "tubingen", side)
    pixels = ((photo - 0.44) / 0.22).requires_grad_()
    optimizer = torch.optim.Adam([pixels], lr=0.003)
    began, losses = time.perf_counter(), []
    for _ in range(iterations):
        optimizer.zero_grad()
        loss = loss_of(pixels * 0.22 + 0.44)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    plain = time.perf_counter() - began
    with torch.no_grad():
        target = loss_of(pixels * 0.22 + 0.44).item()
    print(json.dumps({"part": "sooner", "plain_seconds": plain, "target": target}), flush=True)
    rows = []
    ways: dict[str, dict[str, Any]] = {
        "L-BFGS, last size alone": dict(scales=1),
        "L-BFGS, coarse to fine": dict(scales=2),
    }
    for name, options in ways.items():
        options |= dict(preset="tutorial", optimizer="lbfgs", size=side)
        reached = _until(data, target, loss_of, options)
        print(json.dumps({"part": "sooner", "way": name, **reached}), flush=True)
        rows.append((name, reached))
    print(f"\n| to {target:.3g}, {side} px, compressed VGG-19 | evaluations | seconds | sooner |")
    print("|---|---|---|---|")
    print(f"| plain: Adam 0.003, float32 | {iterations} | {plain:.1f} | 1 |")
    for name, reached in rows:
        ratio = plain / reached["seconds"]
        print(f"| {name} | {reached['evaluations']} | {reached['seconds']:.1f} | {ratio:.0f} |")
    a, b = _evaluation(data, loss_of, photo)
    print(f"\none evaluation, median of 8: plain {a:.3f} s, ours {b:.3f} s, {a / b:.2f} times\n")


def _evaluation(
    data: Path, loss_of: Callable[[Tensor], Tensor], photo: Tensor, n: int = 8
) -> tuple[float, float]:
    """Seconds of a loss with its gradient, the plain one and ours, in turns."""
    options = dict(preset="tutorial", size=min(photo.shape[2:]), scales=1)
    experiment, _ = next(stages(data, options))
    objective: Any = experiment.objective

    def ours() -> None:
        with experiment.precision.autocast():
            loss, _ = objective.loss({})
        torch.autograd.grad(loss, objective.pixels)

    def plain() -> None:
        pixels = photo.clone().requires_grad_()
        torch.autograd.grad(loss_of(pixels), pixels)

    seconds: list[tuple[float, float]] = []
    for _ in range(n + 1):
        stamps = [time.perf_counter()]
        for way in (plain, ours):
            way()
            stamps.append(time.perf_counter())
        seconds.append((stamps[1] - stamps[0], stamps[2] - stamps[1]))
    a, b = (statistics.median(column) for column in zip(*seconds[1:]))
    return a, b


class _StopAtTarget(Callback):
    """Stops at the target; what looking costs is not counted."""

    def __init__(self, target: float, loss: Callable[[Tensor], Tensor]) -> None:
        self.target, self.loss, self.looking = target, loss, 0.0

    def step(self, fit: Fit) -> None:
        began = time.perf_counter()
        optimizer = fit.experiment.optimizers["pixels"]
        with torch.no_grad():
            reached = self.loss(vars(optimizer)["point"].view_as(fit.experiment.objective.pixels))
        if reached.item() <= self.target:
            fit.progress.stop = "reached"
        self.looking += time.perf_counter() - began


def _until(
    data: Path, target: float, loss: Callable[[Tensor], Tensor], options: dict[str, Any]
) -> dict[str, Any]:
    """Seconds and evaluations from nothing (targets included) until the last size is that good."""
    began, stop, evaluations = time.perf_counter(), _StopAtTarget(target, loss), 0
    sizes = options["scales"]
    for number, (experiment, _) in enumerate(stages(data, options | {"iterations": 60})):
        last = number == sizes - 1
        experiment.epochs = experiment.epochs if last else 2  # 20 evaluations at the small size
        progress = Fit(experiment, [stop] if last else []).run()
        evaluations += progress.step
    return {
        "seconds": time.perf_counter() - began - stop.looking,
        "evaluations": evaluations,
        "reached": progress.stop == "reached",
    }


if __name__ == "__main__":
    main()
