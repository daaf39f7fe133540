"""A run with three checkpoints."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from handloom.runs.directory import RunDirectory


def tensors(step: int) -> dict[str, Tensor]:
    image = torch.full((2, 3, 4, 4), float(step)).to(memory_format=torch.channels_last)
    return {
        "weight": image,
        "same": image,
        "count": torch.tensor(step),
        "rng": torch.get_rng_state(),
    }


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    found = RunDirectory(tmp_path)
    found.write_config({"job": "classifier"})
    for step in (100, 200, 300):
        found.write_checkpoint(tensors(step), {"step": step, "epoch": step // 100})
    return found
