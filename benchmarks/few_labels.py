"""What an encoder is worth where few images have labels: a linear layer on its frozen vectors.

    python -m benchmarks.few_labels RUN               # of `train simclr`, or another encoder
    python -m benchmarks.few_labels RUN --classifier  # and classifiers of the same images

For 10, 30 and 100 labelled images of a class, over three samples of them: the accuracy on at most
2,000 test images of logistic regression on the vectors of the run, on those of its network with
weights at random, and on pixels (32x32); with `--classifier`, of `train classifier --network
resnet` from scratch and of the same `--from RUN`, on the first sample.
"""

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.data.images.dataset import Images
from handloom.division.sample import sample_rows
from handloom.encoders.bulk import encode
from handloom.jobs.images.data import own_data
from handloom.jobs.loading import Loaded, load
from handloom.jobs.simclr.baseline import pixels_of
from handloom.jobs.simclr.probe import linear_probe
from handloom.runs.records import RunConfig

COUNTS, SAMPLES, TEST = (10, 30, 100), 3, 2_000


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--classifier", action="store_true")
    given = parser.parse_args()
    run = load(given.run)
    data = own_data(run)
    assert data.test is not None
    test = data.test.subset(sample_rows(len(data.test), TEST, data.test.label))
    print(json.dumps({"machine": machine(), "run": str(given.run), "test": len(test)}), flush=True)
    for count in COUNTS:
        trains = [labelled(data.train, count, seed) for seed in range(SAMPLES)]
        line: dict[str, Any] = {"of_a_class": count}
        for name, vectors in ways(run).items():
            right = [accuracy(vectors(train), train, vectors(test), test) for train in trains]
            spread = torch.tensor(right)
            line[name] = [round(spread.mean().item(), 4), round(spread.std().item(), 4)]
        if given.classifier:
            line |= classifiers(given.run, trains[0], test)
        print(json.dumps(line), flush=True)


def ways(run: Loaded[RunConfig]) -> dict[str, Any]:
    """Images to vectors (N, D), by what a table calls them."""
    assert run.job.encoder is not None
    torch.manual_seed(0)
    fresh = run.job.networks(run.config)
    at_random = dataclasses.replace(run, networks={k: v.eval() for k, v in fresh.items()})
    for network in fresh.values():
        network.to(run.device)
    trained, untrained = run.job.encoder(run), run.job.encoder(at_random)
    return {
        "run": lambda images: encode(images.image, trained),
        "random": lambda images: encode(images.image, untrained),
        "pixels": pixels_of,
    }


def labelled(train: Images, count: int, seed: int) -> Images:
    """So many images of each class."""
    assert train.label is not None
    rows = sample_rows(len(train), count * len(train.classes), train.label, seed)
    return train.subset(rows)


def accuracy(known: Tensor, train: Images, asked: Tensor, test: Images) -> float:
    """Of a linear layer on vectors."""
    assert train.label is not None
    assert test.label is not None
    predicted = linear_probe(known, train.label, asked, len(train.classes))
    return (predicted == test.label).float().mean().item()


def classifiers(run: Path, train: Images, test: Images) -> dict[str, float]:
    """Test accuracy of classifiers trained on the same images, from scratch and from the run."""
    accuracies = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, start in (("scratch", None), ("from", run)):
            made = handloom.train(
                "classifier", _arrays(train), out=Path(folder) / name, quiet=True,
                network="resnet" if start is None else "auto", from_run=start, validation=0.0,
            )  # fmt: skip
            evaluation = made.evaluate(_arrays(test))
            accuracies[name] = round(evaluation["accuracy"], 4)
    return accuracies


def _arrays(images: Images) -> tuple[Any, Any]:
    assert images.label is not None
    return images.image.numpy(), [images.classes[row] for row in images.label.tolist()]


if __name__ == "__main__":
    main()
