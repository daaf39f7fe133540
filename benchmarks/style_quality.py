"""Images side by side: plain Adam and ours at equal time, measured with one network at one size."""

import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.style_ways import image, plain_loss, stages
from handloom.data.images.photo import to_image
from handloom.engine.loop import Fit
from handloom.jobs.stylize.transfer import result

STYLES = ("starry_night", "the_scream", "shipwreck")


def quality(listings: Path, data: Path, styles: tuple[str, ...] = STYLES, side: int = 256) -> None:
    """Plain Adam and ours at equal time, measured with one network at one size."""
    print("\n| tubingen as | way | evaluations | seconds | content | style |")
    print("|---|---|---|---|---|---|")
    for style in styles:
        ours, seconds, evaluations = _ours(data, style, side)
        plain, steps = _plain_for(data, style, side, seconds)
        for way, pixels, count in (("plain Adam", plain, steps), ("ours", ours, evaluations)):
            content, distance = _distances(data, style, side, pixels)
            to_image(pixels).save(f"{style}-{way.split()[0]}.png")
            print(
                f"| {style} | {way} | {count} | {seconds:.0f} | {content:.3f} | {distance:.4f} |",
                flush=True,
            )
    print()


def _ours(data: Path, style: str, side: int) -> tuple[Tensor, float, int]:
    """At strength 1: the plain way has no term that keeps the photo's edges either."""
    began, count = time.perf_counter(), 0
    for experiment, _ in stages(data, dict(size=side, strength=1.0), style):
        count += Fit(experiment).run().step
    return result(experiment.networks["image"]), time.perf_counter() - began, count


def _plain_for(data: Path, style: str, side: int, seconds: float) -> tuple[Tensor, int]:
    """The tutorial's way for so many seconds."""
    loss = plain_loss(data, side, style)
    pixels = ((image(data, "tubingen", side) - 0.44) / 0.22).requires_grad_()
    optimizer = torch.optim.Adam([pixels], lr=0.003)
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        optimizer.zero_grad()
        loss(pixels * 0.22 + 0.44).backward()
        optimizer.step()
        steps += 1
    return (pixels.detach() * 0.22 + 0.44).clamp(0, 1), steps


def _distances(data: Path, style: str, side: int, image_: Tensor) -> tuple[float, float]:
    """Relative content and style distances, float32, compressed VGG-19, max pooling."""
    options = dict(pooling="max", precision="float32", size=side, scales=1, strength=1.0)
    experiment, _ = next(stages(data, options, style))
    pixels: Any = experiment.objective.pixels
    small = F.interpolate(image_, pixels.shape[2:], mode="bilinear", antialias=True)
    with torch.no_grad():
        logs = experiment.objective.metrics({"image": small})
    return logs["content"].item(), logs["style"].item()
