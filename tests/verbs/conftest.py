"""Runs of generative jobs with random weights: what the verbs need, without any training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from handloom.data import load
from handloom.recipes import recipe
from handloom.runs import RunDirectory

Make = Callable[..., Path]


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """untrained(job, **options) -> a run on the digits that was built and never trained."""
    made: dict[Any, Path] = {}

    def make(job: str, **options: Any) -> Path:
        key = (job, *sorted(options.items()))
        if key not in made:
            made[key] = _built(tmp_path_factory.mktemp(job) / "run", job, options)
        return made[key]

    return make


def _built(path: Path, job: str, options: dict[str, Any]) -> Path:
    module = recipe(job)
    config = module.Config(epochs=1, **options)
    data = module.load(config, "digits", lambda *_: None)
    config = module.resolve(config, data)
    torch.manual_seed(0)
    built = module.build(config, data, torch.device("cpu"))
    run = RunDirectory.create(path, job, "digits")
    run.write_config(
        {"job": job, "data": "digits", "options": vars(config), "epochs": 1}
        | {"resolved": {"precision": "float32"}}
        | built.record
    )
    networks = built.experiment.networks
    run.write_networks({name: network.state_dict() for name, network in networks.items()})
    run.write_status({"status": "finished"})
    return path


@pytest.fixture(scope="session")
def digit_files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Four digits as PNG files."""
    folder = tmp_path_factory.mktemp("digits")
    test = load("digits").test
    assert test is not None
    paths = [folder / f"{i}.png" for i in range(4)]
    for path, image in zip(paths, test.image, strict=False):
        Image.fromarray(image[..., 0].numpy()).save(path)
    return [str(path) for path in paths]
