"""What encoders draw while they learn: the training is the same with and without."""

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from handloom.engine.loop import Fit
from handloom.jobs import find_job
from handloom.runs.directory import RunDirectory


@pytest.mark.parametrize(
    ("job", "options", "rows"),
    [
        ("autoencoder", {}, 8),
        ("vae", {}, 12),
        ("vae", {"conditional": True}, 12),
        ("vae", {"network": "conv", "width": 8}, 12),
    ],
)
def test_drawing_changes_no_number(
    job: str, options: dict[str, Any], rows: int, tmp_path: Path
) -> None:
    module = find_job(job)
    small: dict[str, Any] = {"network": "dense", "width": 16, "latent_dim": 4, "sample_every": 5}
    config = module.config(epochs=1, batch=128, **(small | options))
    data = module.load(config, "digits", lambda *_: None)
    config = module.resolve(config, data)
    weights = []
    for watched in (False, True):
        torch.manual_seed(0)
        built = module.build(config, data, torch.device("cpu"))
        callbacks = built.stages[0].callbacks if watched else []
        callbacks = [make(RunDirectory(tmp_path)) for make in callbacks]
        Fit(built.experiment, callbacks).run()
        weights.append(built.experiment.objective.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert {p.name for p in (tmp_path / "samples").iterdir()} == {"epoch-1.png", "step-5.png"}
    with Image.open(tmp_path / "samples" / "epoch-1.png") as image:
        assert image.size == (8 * 50 + 2, rows * 50 + 2)
