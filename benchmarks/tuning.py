"""Fine-tuning: a whole step against the network's own forward and backward pass.

usage: python -m benchmarks.tuning [--network timm:tf_efficientnet_lite0] [--weights FILE] [--n 3]

`step`: everything the job does for a batch of 32 photos: gathering, crops of whole photos, colours,
mixup, forward, backward, clipping, AdamW, the average of the weights. `network`: forward and
backward of its network alone, with the same layers frozen. Beside it, as torch runs the network by
itself: `bfloat16`, under autocast where the processor has it, the same layers frozen; `bfloat16,
all layers`; and `float32, all layers`. In turns, processor time of one thread, the best of n.
Prints a JSON line.
"""

import argparse
import copy
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.config import check
from handloom.data.images.dataset import DataSet, Images, Whole
from handloom.encoders import find, preprocessing
from handloom.engine.memory import keep_freed_memory
from handloom.engine.precision import Precision
from handloom.engine.step import TrainStep
from handloom.jobs.classifier import pretrained
from handloom.jobs.classifier.config import Config

BATCH, CLASSES, CPU = 32, 10, torch.device("cpu")
Step = Callable[[], None]


def passes(network: nn.Module, image: torch.Tensor, precision: Precision) -> Step:
    """Forward and backward, batch norms in evaluation mode."""
    network = copy.deepcopy(network).eval()

    def run() -> None:
        network.zero_grad()
        with precision.autocast():
            features = network(image)
        features.float().square().mean().backward()

    return run


def whole_step(given: argparse.Namespace, images: Images) -> tuple[Step, nn.Module]:
    """An update as the job makes it, and the encoder that it trains."""
    shape = preprocessing(given.network) | {"network": given.network}
    data = DataSet("noise", images, None, None, (), (), "0" * 32, shape)
    options = {"network": given.network, "tune": "all", "batch": BATCH}
    options |= {"weights": None if given.weights is None else str(given.weights)}
    config = pretrained.resolve(check(Config, options), data)
    tuning = pretrained.build(config, data, CPU).stages[1].build(None)
    tuning.objective.train()
    phase = tuning.objective.phases()[0]
    step = TrainStep(phase, tuning.optimizers["network"], tuning.precision, tuning.clip)
    backbone = tuning.objective.get_submodule("network.backbone")
    return lambda: step(next(iter(tuning.train.batches(0)))), backbone


def as_frozen(network: nn.Module, other: nn.Module) -> nn.Module:
    """A copy of `network` that wants gradients where `other`, of the same layers, wants them."""
    copied = copy.deepcopy(network)
    for mine, theirs in zip(copied.parameters(), other.parameters(), strict=True):
        mine.requires_grad_(theirs.requires_grad)
    return copied


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--network", default="timm:tf_efficientnet_lite0")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--n", type=int, default=3)
    given = parser.parse_args()
    keep_freed_memory()
    torch.set_num_threads(1)
    encoder = find(given.network, given.weights, CPU)
    side = encoder.preprocessing["size"][0]
    pixels = torch.randint(0, 256, (BATCH, side, side, 3), dtype=torch.uint8)
    image = pixels.permute(0, 3, 1, 2).float().div(255)
    names = tuple(str(row) for row in range(BATCH))
    label = torch.arange(BATCH) % CLASSES
    wholes = (BATCH, *[round(pretrained.WHOLE * side)] * 2, 3)
    whole = Whole(torch.randint(0, 256, wholes, dtype=torch.uint8), torch.arange(BATCH),
                  torch.rand(BATCH) + 0.5)  # fmt: skip
    images = Images(pixels, label, tuple(map(str, range(CLASSES))), names, whole)
    step, backbone = whole_step(given, images)
    frozen = as_frozen(encoder.network, backbone)
    ways = {
        "step": step,
        "network": passes(backbone, image, encoder.precision),
        "bfloat16": passes(frozen, image, encoder.precision),
        "bfloat16, all layers": passes(encoder.network, image, encoder.precision),
        "float32, all layers": passes(encoder.network, image, Precision(CPU, None)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(given.n + 1):
        for name, run in ways.items():
            began = time.process_time()
            run()
            seconds[name].append(time.process_time() - began)
    best = {name: min(times[1:]) for name, times in seconds.items()}
    record = {name: round(value, 3) for name, value in best.items()}
    ratios = {name: round(best["step"] / value, 2) for name, value in best.items()}
    print(json.dumps({"seconds": record, "step over": ratios, "n": given.n, "machine": machine()}))


if __name__ == "__main__":
    main()
