"""SimCLR on CIFAR-10: accuracy of neighbours and of a linear probe against epochs and minutes; and
on a folder of photos or a named set, how good its neighbours are for search.

    python -m benchmarks.simclr cifar --data cifar-10-batches-py --epochs 200      # a CUDA GPU
    python -m benchmarks.simclr cifar --data ... --epochs 2 --images 512 --width 8  # a try on a CPU
    python -m benchmarks.simclr images --data PHOTOS                      # or fashion-mnist

`images`: `train simclr` by its own choices for the device, without a run directory. Of a folder all
images are queries once, among all others, those it was trained on without labels too; of a named
set 500 test images: 1-NN, precision@5 and mAP as in benchmarks/search_quality.py, before (`epoch`
0: weights at random) and after.

`cifar`: ResNet-18 in its form for CIFAR, batches of 512 images (1,024 views), SGD with momentum, a
cosine after a warm-up, NT-Xent at temperature 0.5, crops from 0.08, colour distortion of strength
0.5, no blur: Chen et al. 2020 (arXiv:2002.05709), appendix B.9. One line an epoch. Every `--every`
epochs the share of test images whose class the weighted vote of their nearest among all training
images has right: `knn` by 20 neighbours at temperature 0.07, as `train simclr` reports it, and
`knn_200` by 200 at 0.1, as the published 84.8 % are measured. `probe`: a linear layer on the frozen
features, by full batches of all training images, on the device. Minutes are those of training
alone; the whole is in the last line.
"""

import argparse
import json
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.data.images.named.cifar import read_cifar10
from handloom.data.loaders import InMemoryLoader
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.engine.optim import SGD, Adam
from handloom.engine.precision import Precision, channels_last, pick_device
from handloom.engine.schedule import scheduled_lr, warmup_cosine
from handloom.metrics.neighbors import knn_predictions
from handloom.models.image.resnet18 import ResNet18
from handloom.models.layers.projection import Projection
from handloom.models.layers.views import Views
from handloom.objectives.contrastive import nt_xent
from handloom.objectives.simclr import SimCLR

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)
Set = tuple[Tensor, Tensor]  # uint8 (N, 32, 32, 3), int64 (N,)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("task", choices=["cifar", "images"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, help="200 of cifar, the job's choice of images")
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--lr", type=float, default=0.24)
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--warmup", type=float, default=10, help="epochs, a tenth at most")
    parser.add_argument("--temperature", type=float, default=0.5)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--images", type=int, help="of each split, for a try; all without")
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--compile", action="store_true", help="the network, with torch.compile")
    parser.add_argument("--cuda-graph", action="store_true")
    parser.add_argument("--save", type=Path, help="the encoder's weights, safetensors")
    parser.add_argument("--size", type=int, help="of images, the job's choice without")
    parser.add_argument("--network", default="auto", help="of images")
    given = parser.parse_args()
    if given.task == "images":
        images(given)
    else:
        given.epochs = given.epochs or 200
        cifar(given)


def cifar(given: argparse.Namespace) -> None:
    began, device = time.perf_counter(), pick_device(given.device)
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(given.seed)
    splits = {
        name: _first(*pair, given.images) for name, pair in read_cifar10(Path(given.data)).items()
    }
    say(
        {"machine": machine(), "device": str(device), **{k: str(v) for k, v in vars(given).items()}}
    )
    network = ResNet18((32, 32, 3), 1, given.width, MEAN, STD)
    width = 8 * given.width
    network.add_module("head", Projection(width, width, 128))
    channels_last(network).to(device)
    experiment = experiment_of(given, splits["train"][0], network, device)
    watch = Watch(network, splits, experiment.precision, given.every)
    say({"epoch": 0, **watch.accuracies()})
    progress = Fit(experiment, [watch]).run()
    accuracies = watch.accuracies() | {"probe": probe(*watch.features())}
    say({
        "epochs": given.epochs, "minutes": round(progress.seconds / 60, 3), **accuracies,
        "images_per_second": round(progress.samples / progress.seconds),
        "minutes_with_evaluation": round((time.perf_counter() - began) / 60, 3),
    })  # fmt: skip
    if given.save is not None:
        from safetensors.torch import save_file

        weights = {key: value.contiguous().cpu() for key, value in network.state_dict().items()}
        save_file(weights, given.save)


def images(given: argparse.Namespace) -> None:
    """Train on a folder or a named set, and say how good its neighbours are."""
    from benchmarks.search_quality import quality
    from handloom.jobs.simclr import build
    from handloom.jobs.simclr.config import Config

    device, is_set = pick_device(given.device), not Path(given.data).exists()
    config = Config(
        epochs=given.epochs, seed=given.seed, device=str(device), size=given.size,
        network=given.network,
    )  # fmt: skip
    data = build.load(config, given.data, lambda *_: None)
    resolved = build.resolve(config, data)
    torch.manual_seed(given.seed)
    experiment = build.build(resolved, data, device).experiment
    network: Any = experiment.networks["network"]
    if is_set:
        assert data.test is not None
        parts = [data.test.subset(torch.arange(500) * len(data.test) // 500)]
    else:
        parts = list(data.splits.values())
    image = torch.cat([part.image for part in parts])
    names = [part.classes[int(row)] for part in parts if part.label is not None
             for row in part.label]  # fmt: skip
    watch = Line(max(1, resolved.epochs // 20))

    def measured() -> dict[str, float]:
        label = torch.zeros(len(image), dtype=torch.int64)
        features = features_of(network, image, label, experiment.precision)[0]
        return quality(F.normalize(features, dim=1).cpu().numpy(), names)

    say({"machine": machine(), "data": given.data, "images": len(image), "train": len(data.train),
         **{k: v for k, v in vars(resolved).items() if v is not None}})  # fmt: skip
    say({"epoch": 0, **measured()})
    progress = Fit(experiment, [watch]).run()
    minutes = round(progress.seconds / 60, 3)
    say({"epochs": resolved.epochs, "minutes": minutes, "steps": progress.step, **measured()})


class Line(Callback):
    """Prints a line every so many epochs."""

    def __init__(self, every: int) -> None:
        self.every = every

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        progress = fit.progress
        if progress.epoch % self.every == 0:
            rounded = {name: round(value, 4) for name, value in record.items()}
            rate = round(progress.samples / progress.seconds)
            say({"epoch": progress.epoch, **rounded, "images_per_second": rate})


def experiment_of(
    given: argparse.Namespace, image: Tensor, network: nn.Module, device: torch.device
) -> Experiment:
    """Everything that is trained."""
    views = Views((32, 32), crop=0.08, hflip=True, color=0.5, blur=0.0)
    trained: Any = torch.compile(network) if given.compile else network
    contrast = partial(nt_xent, temperature=given.temperature)
    objective = SimCLR(trained, views, contrast).to(device)
    optimizer = SGD(
        list(network.parameters()), given.lr, 0.9, weight_decay=given.weight_decay,
        no_decay_on_1d=True,
    )  # fmt: skip
    return Experiment(
        objective=objective,
        train=InMemoryLoader({"image": image}, given.batch, device, seed=given.seed),
        optimizers={"network": optimizer},
        epochs=given.epochs,
        networks={"network": network},
        precision=Precision.resolve(device),
        scheduled=scheduled_lr(
            optimizer, warmup_cosine(min(0.1, given.warmup / given.epochs), floor=0.0)
        ),
        cuda_graph=given.cuda_graph,
    )


class Watch(Callback):
    """Prints a line after every epoch, with accuracies every so many."""

    def __init__(
        self, network: ResNet18, splits: dict[str, Set], precision: Precision, every: int
    ) -> None:
        self.network, self.precision, self.every = network, precision, every
        self.splits, self.seconds = splits, 0.0

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        progress, train = fit.progress, fit.experiment.train
        seconds, self.seconds = progress.seconds - self.seconds, progress.seconds
        line = {
            "epoch": progress.epoch,
            "loss": round(record["train/loss"], 4),
            "images_per_second": round(train.steps * train.batch_size / seconds),
            "minutes": round(progress.seconds / 60, 3),
        }
        if progress.epoch % self.every == 0 and progress.epoch < fit.last_epoch:
            line |= self.accuracies()
        say(line)

    def accuracies(self) -> dict[str, float]:
        """Of the test images, by their neighbours among the training images."""
        (known, label), (query, truth) = self.features()
        votes = {"knn": (20, 0.07), "knn_200": (200, 0.1)}
        accuracies = {}
        for name, (k, temperature) in votes.items():
            right = knn_predictions(known, label, query, k, temperature) == truth
            accuracies[name] = round(right.float().mean().item(), 4)
        return accuracies

    def features(self) -> tuple[Set, Set]:
        """Features and labels of the training and of the test images, on the device."""
        return self._split(*self.splits["train"]), self._split(*self.splits["test"])

    def _split(self, image: Tensor, label: Tensor) -> Set:
        return features_of(self.network, image, label, self.precision)


@torch.no_grad()
def features_of(network: Any, image: Tensor, label: Tensor, precision: Precision) -> Set:
    """Features and labels on the device, of images uint8 (N, H, W, C)."""
    was_training = network.training
    network.eval()
    loader = InMemoryLoader({"image": image}, 1000, precision.device, shuffle=False)
    features = []
    for batch in loader.batches(0):
        with precision.autocast():
            features.append(network.features(batch["image"]).float())
    network.train(was_training)
    return torch.cat(features), label.to(precision.device)


def probe(train: Set, test: Set, steps: int = 1000) -> float:
    """Accuracy on `test` of a linear layer on standardized features, by AdamW on full batches."""
    (known, label), (query, truth) = train, test
    mean, std = known.mean(0), known.std(0).clamp(min=1e-6)
    known, query = (known - mean) / std, (query - mean) / std
    layer = nn.Linear(known.shape[1], int(label.max()) + 1).to(known.device)
    optimizer = Adam(list(layer.parameters()), 0.01, weight_decay=0.01, decoupled=True)
    schedules = scheduled_lr(optimizer, warmup_cosine())

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(layer(known), label)
        loss.backward()
        return loss

    for step in range(steps):
        for value in schedules:
            value.update(step / steps)
        optimizer.step(closure)
    with torch.no_grad():
        right = (layer(query).argmax(1) == truth).float().mean()
    return round(float(right), 4)


def _first(image: Tensor, label: Tensor | None, images: int | None) -> Set:
    assert label is not None
    return image[:images], label[:images]


def say(record: Mapping[str, object]) -> None:
    """One line, at once."""
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
