"""Images side by side: plain Adam and ours at equal time, judged by one network at one size."""

import time
from pathlib import Path

import torch
import torch.nn.functional as F
from style_ways import compressed, image, plain_loss, stages
from torch import Tensor

from handloom.data.images.photo import to_image
from handloom.engine.loop import Fit
from handloom.jobs.stylize import build as recipe
from handloom.jobs.stylize.build import Config
from handloom.jobs.stylize.network import network
from handloom.objectives.style_transfer import (
    Division,
    Region,
    StyleTransfer,
    content_target,
    style_target,
)

SHORT = 256  # pixels


def quality(listings: Path, data: Path) -> None:
    """Plain Adam and ours at equal time, judged by one network at one size."""
    print("\n| tubingen as | way | evaluations | seconds | content | style |")
    print("|---|---|---|---|---|---|")
    for style in ("starry_night", "the_scream", "shipwreck"):
        ours, seconds, evaluations = _ours(data, style)
        plain, steps = _plain_for(data, style, seconds)
        for way, painted, count in (("plain Adam", plain, steps), ("ours", ours, evaluations)):
            content, distance = _judged(data, style, painted)
            to_image(painted).save(f"{style}-{way.split()[0]}.png")
            print(
                f"| {style} | {way} | {count} | {seconds:.0f} | {content:.3f} | {distance:.4f} |",
                flush=True,
            )
    print()


def _ours(data: Path, style: str, side: int = SHORT) -> tuple[Tensor, float, int]:
    began, count = time.perf_counter(), 0
    for experiment, _ in stages(data, dict(size=side), style):
        count += Fit(experiment).run().step
    optimizer, pixels = experiment.optimizers["pixels"], experiment.objective.pixels
    painted = vars(optimizer)["point"].view_as(pixels)
    return painted, time.perf_counter() - began, count


def _plain_for(data: Path, style: str, seconds: float) -> tuple[Tensor, int]:
    """The tutorial's way for so many seconds."""
    loss = plain_loss(data, SHORT, style)
    pixels = ((image(data, "tubingen", SHORT) - 0.44) / 0.22).requires_grad_()
    optimizer = torch.optim.Adam([pixels], lr=0.003)
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        optimizer.zero_grad()
        loss(pixels * 0.22 + 0.44).backward()
        optimizer.step()
        steps += 1
    return (pixels.detach() * 0.22 + 0.44).clamp(0, 1), steps


def _judged(data: Path, style: str, painted: Tensor, side: int = 256) -> tuple[float, float]:
    """Relative content and style distances, float32, compressed VGG-19, max pooling, 256 pixels."""
    config = Config(network="vgg19-small", pooling="max", **compressed(data))
    judge, _ = network(config, torch.float32, None)
    weights = recipe.judged(recipe.resolve(config))
    photo = image(data, "tubingen", side)
    small = F.interpolate(painted, photo.shape[2:], mode="bilinear", antialias=True)
    grams = style_target(judge, image(data, style, side), weights.layers, Division(), False)
    target = content_target(judge, photo, weights.content_layer, Division())
    job = StyleTransfer(small, judge, target, [Region(1.0, grams, {})], weights)
    with torch.no_grad():
        logs = job.judge(small)[1]
    return logs["content"].item(), logs["style"].item()
