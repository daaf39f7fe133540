"""Style transfer measured: an iteration, the way to a loss, memory by size, pictures side by side.

usage: python benchmarks/style.py LISTINGS DATA [iteration sooner seams memory quality]
LISTINGS: the plain baselines (listings.py, with an experiment `gatys-style`). DATA: a folder with
pictures/ and weights/vgg19_16x/. Prints one JSON line a measurement and a markdown table a part;
`quality` writes its pictures into the present folder. Ratios are of times taken in turns.
"""

import importlib.util
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from handloom.data.painting import Opened, to_image
from handloom.engine.loop import Fit, Observer
from handloom.nn.encoder import VGG19
from handloom.objectives.style_transfer import Division
from handloom.objectives.windows import Window, windows
from handloom.recipes import style_stage
from handloom.recipes import stylize as recipe
from handloom.recipes.style_network import network
from handloom.recipes.stylize import Config

SEED = 0
SHORT = 256  # pixels, of the pictures side by side
WHOLE = Division()


def main() -> None:
    listings, data = Path(sys.argv[1]), Path(sys.argv[2])
    parts: dict[str, Callable[[Path, Path], None]] = {
        "iteration": iteration,
        "sooner": sooner,
        "seams": seams,
        "memory": memory,
        "quality": quality,
    }
    cores = torch.get_num_threads()
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {cores} threads, torch {torch.__version__}, seed {SEED}")
    for name in sys.argv[3:] or parts:
        torch.manual_seed(SEED)
        parts[name](listings, data)


def iteration(listings: Path, data: Path, pairs: int = 5) -> None:
    """Seconds of one iteration, VGG-19, 400 pixels: the listing's and ours, in turns."""
    spec = importlib.util.spec_from_file_location("listings", listings)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    plain = module.EXPERIMENTS["gatys-style"](str(data), 1.0)
    next(plain)
    with tempfile.TemporaryDirectory() as folder:
        weights = random_vgg19(Path(folder) / "vgg19.pth")
        ours = _steps(data, dict(network="vgg19", weights=str(weights), preset="tutorial"))
        seconds: list[tuple[float, float]] = []
        next(ours)
        for _ in range(pairs):
            seconds.append((_timed(plain) / 2, _timed(ours)))
            record = dict(zip(("plain", "ours"), seconds[-1], strict=True))
            print(json.dumps({"part": "iteration"} | record), flush=True)
    ratios = [a / b for a, b in seconds]
    a, b = (statistics.median(column) for column in zip(*seconds))
    print("\n| iteration, 400 px, VGG-19 | plain | ours | ratio (lowest to highest) |")
    print("|---|---|---|---|")
    print(
        f"| seconds, median of {pairs} | {a:.2f} | {b:.2f} | {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}) |\n"
    )


def sooner(listings: Path, data: Path, iterations: int = 300, side: int = 256) -> None:
    """Seconds to the loss that the plain way reaches after 300 iterations; compressed network."""
    plain_loss = _plain_loss(data, side)
    photo = _picture(data, "tubingen", side)
    pixels = ((photo - 0.44) / 0.22).requires_grad_()
    optimizer = torch.optim.Adam([pixels], lr=0.003)
    began, losses = time.perf_counter(), []
    for _ in range(iterations):
        optimizer.zero_grad()
        loss = plain_loss(pixels * 0.22 + 0.44)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    plain = time.perf_counter() - began
    with torch.no_grad():
        target = plain_loss(pixels * 0.22 + 0.44).item()
    print(json.dumps({"part": "sooner", "plain_seconds": plain, "target": target}), flush=True)
    rows = []
    for name, options in {
        "L-BFGS, last size alone": dict(scales=1),
        "L-BFGS, coarse to fine": dict(scales=2),
    }.items():
        options |= dict(preset="tutorial", optimizer="lbfgs", size=side)
        found = _until(data, target, plain_loss, options)
        print(json.dumps({"part": "sooner", "way": name, **found}), flush=True)
        rows.append((name, found))
    print(f"\n| to {target:.3g}, {side} px, compressed VGG-19 | evaluations | seconds | sooner |")
    print("|---|---|---|---|")
    print(f"| plain: Adam 0.003, float32 | {iterations} | {plain:.1f} | 1 |")
    for name, found in rows:
        ratio = plain / found["seconds"]
        print(f"| {name} | {found['evaluations']} | {found['seconds']:.1f} | {ratio:.0f} |")
    print()


def seams(listings: Path, data: Path, side: int = 256, evaluations: int = 15) -> None:
    """How far tiles are from the whole: their gradient, and steps at their edges in the result.

    seam: mean step between neighbours across the edges of tiles, in that of the whole picture's
    result at the same places; 1 is no seam.
    """
    print("\n| tile, margin | tiles | error of the gradient | seam |")
    print("|---|---|---|---|")
    whole: tuple[Tensor, Tensor] | None = None
    for division in (Division(), *(Division(96 + 2 * m, m) for m in (80, 48, 32, 16, 0))):
        options = dict(size=side, scales=1, iterations=evaluations)
        experiment, _ = next(_stage(data, options, division=division))
        pixels = experiment.objective.pixels
        loss, _ = experiment.objective.loss({})
        gradient = torch.autograd.grad(loss, pixels)[0]
        Fit(experiment).run()
        result = experiment.optimizers["pixels"].settled.clone()
        if whole is None:
            whole = (gradient, result)
        error = ((gradient - whole[0]).norm() / whole[0].norm()).item()
        parts = list(windows(*pixels.shape[2:], 96, 0))
        seam = _steps_at(result, parts) / _steps_at(whole[1], parts)
        name = f"{division.tile}, {division.margin}" if division.tile else "whole"
        print(f"| {name} | {len(parts) if division.tile else 1} | {error:.4f} | {seam:.2f} |")
        to_image(result).save(f"seam-{division.margin if division.tile else 'whole'}.png")
    print()


def _steps_at(picture: Tensor, parts: list[Window]) -> float:
    """Mean absolute step across the edges of windows."""
    rows = sorted({part.top for part in parts} - {0})
    columns = sorted({part.left for part in parts} - {0})
    across = [(picture[:, :, r] - picture[:, :, r - 1]).abs().mean() for r in rows]
    along = [(picture[:, :, :, c] - picture[:, :, :, c - 1]).abs().mean() for c in columns]
    return torch.stack(across + along).mean().item()


def memory(listings: Path, data: Path) -> None:
    """Peak memory of a whole process, by size."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        vgg19 = random_vgg19(Path(folder) / "vgg19.pth")
        small = data / "weights/vgg19_16x/5SE.pth"
        for kind, weights in (("vgg19-small", small), ("vgg19", vgg19)):
            for side in (512, 1024, 2048):
                for limit in (None, "2G"):
                    rows.append(_peak(Path(folder), data, kind, weights, side, limit))
                    print(json.dumps(rows[-1]), flush=True)
    print("\n| network | side | --memory | tiles | planned GB | peak GB | seconds an evaluation |")
    print("|---|---|---|---|---|---|---|")
    for r in rows:
        print(
            f"| {r['network']} | {r['side']} | {r['limit'] or ''} | {r['tile'] or 'whole'} | "
            f"{r['planned']:.2f} | {r['peak']:.2f} | {r['seconds']:.1f} |"
        )
    print()


def quality(listings: Path, data: Path) -> None:
    """Plain Adam and ours at equal time, judged by one network at one size."""
    print("\n| tubingen as | way | evaluations | seconds | content | style |")
    print("|---|---|---|---|---|---|")
    for style in ("starry_night", "the_scream", "shipwreck"):
        ours, seconds, evaluations = _ours(data, style)
        plain, steps = _plain_for(data, style, seconds)
        for way, picture, count in (("plain Adam", plain, steps), ("ours", ours, evaluations)):
            content, distance = _judged(data, style, picture)
            to_image(picture).save(f"{style}-{way.split()[0]}.png")
            print(
                f"| {style} | {way} | {count} | {seconds:.0f} | {content:.3f} | {distance:.4f} |",
                flush=True,
            )
    print()


def random_vgg19(path: Path) -> Path:
    """A file in the published format; the time does not depend on the numbers."""
    tensors, place, channels = {}, 0, 3
    for level in VGG19:
        for width in level:
            scale = (2 / (9 * channels)) ** 0.5
            tensors[f"features.{place}.weight"] = torch.randn(width, channels, 3, 3) * scale
            tensors[f"features.{place}.bias"] = torch.zeros(width)
            place, channels = place + 2, width
        place += 1
    torch.save(tensors, path)
    return path


def _picture(data: Path, name: str, side: int) -> Tensor:
    opened = Opened(data / "pictures" / f"{name}.jpg")
    return opened.at(*opened.sized(side))


def _stage(
    data: Path,
    options: dict[str, Any],
    style: str = "starry_night",
    division: Division = WHOLE,
) -> Any:
    """Experiments of all sizes, one after the other, as `stylize` makes them."""
    config = Config(**{"network": "vgg19-small", "device": "cpu"} | _weights(data) | options)
    from handloom.engine.precision import Precision

    dtype = Precision.resolve(torch.device("cpu")).dtype or torch.float32
    judge, _ = network(config, dtype, None)
    config = recipe.resolve(config)
    photo, painting = (data / "pictures" / f"{name}.jpg" for name in ("tubingen", style))
    pictures = recipe.load(config, photo, [painting])
    pixels = None
    for stage in recipe.stages(config, pictures):
        shown = style_stage.prepared(config, pictures, stage)
        start = shown.content if pixels is None else style_stage.enlarged(pixels, stage)
        assert config.history is not None
        experiment = style_stage.build(
            config,
            pictures,
            stage,
            shown,
            start,
            judge,
            division,
            torch.device("cpu"),
            "lbfgs" if config.optimizer == "auto" else config.optimizer,
            config.history,
        )
        yield experiment, stage
        optimizer = experiment.optimizers["pixels"]
        pixels = vars(optimizer).get("point")
        target = experiment.objective.pixels.detach()
        pixels = target if pixels is None else pixels.view_as(target)


def _weights(data: Path) -> dict[str, str]:
    return {"weights": str(data / "weights/vgg19_16x/5SE.pth")}


def _steps(data: Path, options: dict[str, Any]) -> Any:
    """Yields after every step of ours, through the engine."""
    experiment, _ = next(_stage(data, options))
    fit = Fit(experiment)
    while True:
        for turn in fit.turns:
            turn({})
        yield fit.turns[0].means()["loss"]


def _timed(generator: Any) -> float:
    began = time.perf_counter()
    next(generator)
    return time.perf_counter() - began


def _plain_loss(
    data: Path, side: int, style: str = "starry_night", layers: Any = None
) -> Callable[[Tensor], Tensor]:
    """The tutorial's loss in plain layers: float32, nothing fused, as the listing writes it."""
    found = torch.load(data / "weights/vgg19_16x/5SE.pth", map_location="cpu", weights_only=True)[
        "model"
    ]

    def features(x: Tensor) -> dict[str, Tensor]:
        maps = {}
        x = F.conv2d(x, found["conv0.weight"], found["conv0.bias"])
        for i, depth in enumerate((2, 2, 4, 4, 1), 1):
            for j in range(1, depth + 1):
                weight, bias = found[f"conv{i}{j}.weight"], found[f"conv{i}{j}.bias"]
                x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), weight, bias)
                maps[f"conv{i}_{j}"] = x
                x = F.relu(x)
            x = F.max_pool2d(x, 2)
        return maps

    gram = lambda f: f.view(f.shape[1], -1) @ f.view(f.shape[1], -1).T
    photo, painting = _picture(data, "tubingen", side), _picture(data, style, side)
    with torch.no_grad():
        content = features(photo)["conv4_2"]
        grams = {name: gram(maps) for name, maps in features(painting).items()}

    def loss(image: Tensor) -> Tensor:
        maps = features(image)
        total = F.mse_loss(maps["conv4_2"], content)
        for name, weight in recipe.PUBLISHED.items():
            _, d, h, w = maps[name].shape
            difference = (gram(maps[name]) - grams[name]).square().mean()
            total = total + 1e6 * weight * difference / (d * h * w)
        return total

    return loss


class _Watch(Observer):
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
    began, watch, evaluations = time.perf_counter(), _Watch(target, loss), 0
    sizes = options["scales"]
    for number, (experiment, _) in enumerate(_stage(data, options | {"iterations": 60})):
        last = number == sizes - 1
        experiment.epochs = experiment.epochs if last else 2  # 20 evaluations at the small size
        progress = Fit(experiment, [watch] if last else []).run()
        evaluations += progress.step
    return {
        "seconds": time.perf_counter() - began - watch.looking,
        "evaluations": evaluations,
        "reached": progress.stop == "reached",
    }


def _peak(
    folder: Path, data: Path, kind: str, weights: Path, side: int, limit: str | None
) -> dict[str, Any]:
    """One short painting in a process of its own."""
    square = folder / f"square{side}.png"
    to_image(F.interpolate(_picture(data, "tubingen", 400), (side, side))).save(square)
    run = folder / f"{kind}-{side}-{limit}"
    command = [sys.executable, "-m", "handloom", "stylize", str(square)]
    command += [str(data / "pictures/starry_night.jpg"), "--out", str(folder / "out.png")]
    command += ["--run", str(run), "--network", kind, "--weights", str(weights)]
    command += ["--size", str(side), "--scales", "1", "--iterations", "1"]
    command += ["--memory", limit] if limit else []
    code = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True, stdout=2); "
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True
    )
    config = json.loads((run / "config.json").read_text())
    plan, status = config["resolved"]["plans"][0], json.loads((run / "status.json").read_text())
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "part": "memory",
        "network": kind,
        "side": side,
        "limit": limit,
        "tile": plan["tile"],
        "planned": plan["needs"] / 2**30,
        "peak": int(done.stdout) * unit / 2**30,
        "seconds": status["seconds"],
    }


def _ours(data: Path, style: str, side: int = SHORT) -> tuple[Tensor, float, int]:
    began, count = time.perf_counter(), 0
    for experiment, _ in _stage(data, dict(size=side), style):
        count += Fit(experiment).run().step
    optimizer, pixels = experiment.optimizers["pixels"], experiment.objective.pixels
    picture = vars(optimizer)["point"].view_as(pixels)
    return picture, time.perf_counter() - began, count


def _plain_for(data: Path, style: str, seconds: float) -> tuple[Tensor, int]:
    """The tutorial's way for so many seconds."""
    loss = _plain_loss(data, SHORT, style)
    pixels = ((_picture(data, "tubingen", SHORT) - 0.44) / 0.22).requires_grad_()
    optimizer = torch.optim.Adam([pixels], lr=0.003)
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        optimizer.zero_grad()
        loss(pixels * 0.22 + 0.44).backward()
        optimizer.step()
        steps += 1
    return (pixels.detach() * 0.22 + 0.44).clamp(0, 1), steps


def _judged(data: Path, style: str, picture: Tensor, side: int = 256) -> tuple[float, float]:
    """Relative content and style distances, float32, compressed VGG-19, max pooling, 256 pixels."""
    from handloom.objectives.style_transfer import (
        Region,
        StyleTransfer,
        content_target,
        style_target,
    )

    config = Config(network="vgg19-small", pooling="max", **_weights(data))
    judge, _ = network(config, torch.float32, None)
    weights = recipe.judged(recipe.resolve(config))
    photo = _picture(data, "tubingen", side)
    small = F.interpolate(picture, photo.shape[2:], mode="bilinear", antialias=True)
    grams = style_target(judge, _picture(data, style, side), weights.layers, Division(), False)
    target = content_target(judge, photo, weights.content_layer, Division())
    job = StyleTransfer(small, judge, target, [Region(1.0, grams, {})], weights)
    with torch.no_grad():
        logs = job.judge(small)[1]
    return logs["content"].item(), logs["style"].item()


if __name__ == "__main__":
    main()
