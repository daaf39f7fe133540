"""A small training that callbacks watch."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from handloom.data.loaders import InMemoryLoader
from handloom.engine.loop import Experiment
from handloom.engine.optim import SGD
from handloom.engine.precision import Precision
from handloom.objectives.classification import Classification
from handloom.runs.directory import RunDirectory

Build = Callable[..., Experiment]


@pytest.fixture
def build() -> Build:
    """build(epochs=3, monitor="valid/accuracy", ...) -> an experiment of four steps an epoch."""

    def built(
        epochs: int = 3, monitor: str | None = "valid/accuracy", lower_is_better: bool = False
    ) -> Experiment:
        torch.manual_seed(0)
        image = torch.randint(0, 256, (32, 2, 2, 1), dtype=torch.uint8)
        source = InMemoryLoader({"image": image, "label": torch.arange(32) % 2}, 8)
        network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        return Experiment(
            Classification(network),
            source,
            {"network": SGD(list(network.parameters()), 0.1)},
            epochs,
            {"network": network},
            Precision(torch.device("cpu"), None),
            evaluations={"valid": source},
            monitor=monitor,
            lower_is_better=lower_is_better,
        )

    return built


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """An empty run directory."""
    return RunDirectory(tmp_path)
