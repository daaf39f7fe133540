"""A job as fine-tuning will be: a head solved at once, then everything, with trials over folds.

It is the image classifier with two stages, each with an objective and optimizer of its own. The
first solves the head by least squares on the features of the whole set; the second trains groups of
parameters, with batch norms that keep their statistics.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.data.loaders import InMemoryLoader
from handloom.engine.loop import Experiment
from handloom.engine.optim import SGD, ParameterGroup
from handloom.engine.precision import Precision
from handloom.engine.schedule import make, scheduled_lr
from handloom.jobs.classifier import JOB as CLASSIFIER
from handloom.jobs.job import Job
from handloom.jobs.training.stage import Built, Stage
from handloom.jobs.training.trials import Choice, Search, Trial, best_metrics
from handloom.objectives.classification import Classification

CPU = torch.device("cpu")
FLOAT32 = Precision(CPU, None)


class Network(nn.Module):
    """A backbone with a batch norm, and a head."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(channels, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(32, classes)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.backbone(image))  # type: ignore[no-any-return]


def networks(record: dict[str, Any]) -> dict[str, nn.Module]:
    return {"network": Network(record["network"]["channels"], len(record["classes"]))}


def build(config: Any, data: Any, device: torch.device) -> Built:
    record = {
        "network": {"kind": "tuning", "channels": data.train.channels},
        "classes": list(data.train.classes),
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in data.splits.items()},
    }
    network = networks(record)["network"]
    assert isinstance(network, Network)
    return Built(stages(network, config, data), record)


def stages(network: Network, config: Any, data: Any) -> list[Stage]:
    def experiment(objective: Classification, optimizer: SGD) -> Experiment:
        return Experiment(
            objective=objective,
            train=source(data.train, config.seed),
            optimizers={"network": optimizer},
            epochs=1,
            networks={"network": network},
            precision=FLOAT32,
            evaluations={"valid": source(data.valid)},
            monitor="valid/accuracy",
            scheduled=scheduled_lr(optimizer, make("one-cycle")),
        )

    def head(previous: Experiment | None) -> Experiment:
        objective = Classification(network)
        return experiment(objective, SGD(list(network.parameters()), 0.1))

    def everything(previous: Experiment | None) -> Experiment:
        objective = Classification(network)
        objective.freeze_batch_norms(network)
        slow = ParameterGroup(list(network.backbone.parameters()), lr=config.lr / 10)
        fast = ParameterGroup(list(network.head.parameters()))
        return experiment(objective, SGD([slow, fast], config.lr, 0.9, True))

    return [
        Stage("head", 0, head, solve=lambda made: solve(network, made)),
        Stage("everything", config.epochs, everything),
    ]


def solve(network: Network, made: Experiment) -> None:
    """Least squares of one-hot labels on features, ridge 1e-3."""
    batches = [
        (network.backbone(batch["image"]), batch["label"].clone())
        for batch in made.train.batches(0)
    ]
    feature = torch.cat([features for features, _ in batches]).detach()  # (N, 32)
    target = F.one_hot(torch.cat([label for _, label in batches])).float()  # (N, K)
    ridge = feature.T @ feature + 1e-3 * torch.eye(feature.shape[1])
    with torch.no_grad():
        network.head.weight.copy_(torch.linalg.solve(ridge, feature.T @ target).T)
        network.head.bias.zero_()


def source(images: Any, seed: int | None = None) -> InMemoryLoader:
    fields = {"image": images.image, "label": images.label}
    return InMemoryLoader(fields, 8, CPU, shuffle=seed is not None, seed=seed or 0)


def search(config: Any, data: Any, device: torch.device, report: Any) -> Search:
    """Two rates on two folds of the training images."""
    resolved = CLASSIFIER.resolve(config, data)

    def run(trial: Trial) -> dict[str, float]:
        rows = torch.arange(len(data.train))
        held_out = rows % 2 == trial.fold
        part = replace(
            data,
            train=data.train.subset(rows[~held_out]),
            valid=data.train.subset(rows[held_out]),
        )
        return best_metrics(build(replace(resolved, **trial.options), part, device))

    def choose(results: Any) -> Choice:
        def mean(lr: float) -> float:
            losses = [r.metrics["valid/loss"] for r in results if r.trial.options["lr"] == lr]
            return sum(losses) / len(losses)

        lr = min((0.01, 0.2), key=mean)
        return Choice({"lr": lr}, f"lr {lr}")

    plan = [
        Trial(f"lr {lr}, fold {fold}", {"lr": lr}, fold) for lr in (0.01, 0.2) for fold in (0, 1)
    ]
    return Search(plan, run, choose, data.fingerprint)


JOB: Job = replace(CLASSIFIER, build=build, networks=networks, search=search)
