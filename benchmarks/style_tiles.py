"""Tiles measured: how far they are from the whole image, and the memory of a process by size."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.style_ways import image, random_vgg19, stages
from handloom.data.images.photo import to_image
from handloom.engine.loop import Fit
from handloom.jobs.stylize.transfer import result as pixels_of
from handloom.objectives.style_transfer import Division
from handloom.objectives.windows import Window, windows


def seams(listings: Path, data: Path, side: int = 256, evaluations: int = 15) -> None:
    """How far tiles are from the whole: their gradient, and steps at their edges in the result.

    seam: mean step across the edges of tiles, in that of lines beside them; 1 is no seam.
    """
    print("\n| tile, margin | tiles | error of the gradient | seam |")
    print("|---|---|---|---|")
    whole: Tensor | None = None
    for division in (Division(), *(Division(96 + 2 * m, m) for m in (80, 48, 32, 16, 0))):
        options: dict[str, Any] = dict(size=side, scales=1, iterations=evaluations)
        if division.tile is not None:
            options |= dict(tile=division.tile, margin=division.margin)
        experiment, _ = next(stages(data, options))
        objective: Any = experiment.objective
        loss, _ = objective.loss({})
        gradient = torch.autograd.grad(loss, objective.pixels)[0]
        Fit(experiment).run()
        result = pixels_of(experiment.networks["image"]).clone()
        if whole is None:
            whole = gradient
        error = ((gradient - whole).norm() / whole.norm()).item()
        height, width = gradient.shape[2:]
        tiles = list(windows(height, width, 96, 0))
        seam = _seam(result, tiles)
        name = f"{division.tile}, {division.margin}" if division.tile else "whole"
        print(f"| {name} | {len(tiles) if division.tile else 1} | {error:.4f} | {seam:.2f} |")
        to_image(result).save(f"seam-{division.margin if division.tile else 'whole'}.png")
    print()


def _seam(image: Tensor, tiles: list[Window]) -> float:
    """Steps across the edges of windows, in those across lines one to six pixels beside them."""
    rows, columns = {tile.top for tile in tiles} - {0}, {tile.left for tile in tiles} - {0}
    turned = image.transpose(2, 3)
    at = [_step(image, row) for row in rows] + [_step(turned, column) for column in columns]
    beside = [
        _step(shown, line + offset)
        for shown, lines in ((image, rows), (turned, columns))
        for line in lines
        for offset in (-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6)
    ]
    return (sum(at) / len(at)) / (sum(beside) / len(beside))


def _step(image: Tensor, row: int) -> float:
    """Mean size of the step from the row above, which is first averaged over 8 pixels along it.

    Single pixels would hide an edge that the eye sees: in the texture of a painting their steps
    are as large everywhere (with no margin at all the ratio was 0.99; so averaged it is 1.2).
    """
    steps = (image[:, :, row] - image[:, :, row - 1]).mean(1)  # (1, W)
    return steps[:, : steps.shape[1] // 8 * 8].unflatten(1, (-1, 8)).mean(2).abs().mean().item()


def memory(
    listings: Path,
    data: Path,
    sides: tuple[int, ...] = (512, 1024, 2048),
    limits: tuple[str | None, ...] = (None, "2G"),
) -> None:
    """Peak memory of a whole process, by size."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        vgg19 = random_vgg19(Path(folder) / "vgg19.pth")
        small = data / "weights/vgg19_16x/5SE.pth"
        for kind, weights in (("vgg19-small", small), ("vgg19", vgg19)):
            for side in sides:
                for limit in limits:
                    rows.append(_peak(Path(folder), data, kind, weights, side, limit))
                    print(json.dumps(rows[-1]), flush=True)
    print("\n| network | side | --memory | tiles | planned GB | peak GB | seconds an evaluation |")
    print("|---|---|---|---|---|---|---|")
    for r in rows:
        cells = [f"{r['network']} | {r['side']} | {r['limit'] or ''}", "refused", "", "", ""]
        if "refused" not in r:
            cells[1:] = [str(r["tile"] or "whole"), f"{r['planned']:.2f}", f"{r['peak']:.2f}"]
            cells.append(f"{r['seconds']:.1f}")
        print(f"| {' | '.join(cells)} |")
    print()


def _peak(
    folder: Path, data: Path, kind: str, weights: Path, side: int, limit: str | None
) -> dict[str, Any]:
    """One short painting in a process of its own."""
    square = folder / f"square{side}.png"
    to_image(F.interpolate(image(data, "tubingen", 400), (side, side))).save(square)
    run = folder / f"{kind}-{side}-{limit}"
    command = [sys.executable, "-m", "handloom", "stylize", str(square)]
    command += [str(data / "pictures/starry_night.jpg"), "--out", str(folder / "out.png")]
    command += ["--run", str(run), "--network", kind, "--weights", str(weights)]
    command += ["--size", str(side), "--scales", "1", "--iterations", "1"]
    command += ["--memory", limit] if limit else []
    code = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True, stdout=2); "
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True)
    if done.returncode:  # --memory is too small for one tile
        errors = [line for line in done.stderr.splitlines() if line.startswith("handloom:")]
        wanted = {"part": "memory", "network": kind, "side": side, "limit": limit}
        return wanted | {"refused": errors[0]}
    config = json.loads((run / "config.json").read_text())
    plan, status = config["sizes"][0]["plan"], json.loads((run / "status.json").read_text())
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
