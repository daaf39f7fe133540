"""Images and runs that several tests use."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

settings.register_profile("handloom", deadline=None)  # a busy machine is no defect
settings.load_profile("handloom")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a slow test come first: begun last, one would be waited for alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Decoded images go to a folder of the test session."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # what a test needs of the hub, it serves itself
    os.environ["HANDLOOM_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session", autouse=True)
def _processes_find_the_package() -> None:
    """In whichever folder they are started, and what this process finds by PYTHONPATH as well."""
    paths = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_forced_to_the_disk() -> Iterator[None]:
    """It takes 7 ms a file, a dozen times a training, and no test cuts the power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(autouse=True)
def _torch_predicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are not compiled after their first answers, which takes seconds."""
    monkeypatch.setattr("handloom.export.compiled.FEW", 0)


@pytest.fixture(scope="session")
def quick_exports() -> Iterator[None]:
    """torch.onnx reads the source of 500 functions for every file, in 0.6 s: here only once."""
    from torch.onnx._internal.exporter._registration import onnxscript_apis

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnxscript_apis, "get_torchlib_ops", cache(onnxscript_apis.get_torchlib_ops))
        yield


@pytest.fixture
def quick_evaluator(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GAN's evaluator is trained on few images: a moment instead of seconds."""
    train_evaluators_quickly(monkeypatch)


def train_evaluators_quickly(patch: pytest.MonkeyPatch, images: int = 500) -> None:
    patch.setattr("handloom.jobs.gan.evaluator_network.LEAST", images)
    patch.setattr("handloom.jobs.gan.evaluator_network.PIXELS", 1)


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of the bundled digits, trained for three epochs."""
    import handloom

    out = tmp_path_factory.mktemp("runs") / "digits"
    handloom.train("classifier", "digits", out=out, epochs=3, quiet=True)
    return out


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 3 classes of 12 colour images, 20x16 pixels: one hue each, and noise."""
    root = tmp_path_factory.mktemp("shapes")
    rng = np.random.default_rng(0)
    for channel, name in enumerate(("blue", "green", "red")):
        (root / name).mkdir()
        for i in range(12):
            pixels = rng.integers(0, 120, (16, 20, 3), dtype=np.uint8)
            pixels[..., 2 - channel] += 130
            Image.fromarray(pixels).save(root / name / f"{i}.png")
    return root


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """untrained(job, **options) -> a generative run on the digits, built and never trained."""
    made: dict[Any, Path] = {}

    def make(job: str, **options: Any) -> Path:
        key = (job, *sorted(options.items()))
        if key not in made:
            made[key] = _built(tmp_path_factory.mktemp(job) / "run", job, options)
        return made[key]

    return make


def _built(path: Path, job: str, options: dict[str, Any]) -> Path:
    import torch

    from handloom.jobs import find_job
    from handloom.runs.directory import RunDirectory

    module = find_job(job)
    config = module.config(epochs=1, **options)
    data = module.load(config, "digits", lambda *_: None)
    config = module.resolve(config, data)
    torch.manual_seed(0)
    built = module.build(config, data, torch.device("cpu"))
    run = RunDirectory.create(path, job, "digits")
    run.write_config(
        {"job": job, "data": "digits", "options": vars(config), "epochs": 1}
        | {"environment": {"precision": "float32"}}
        | built.record
    )
    networks = built.experiment.networks
    run.write_networks({name: network.state_dict() for name, network in networks.items()})
    run.write_status({"status": "finished"})
    return path


@pytest.fixture(scope="session")
def digit_files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Four digits as PNG files."""
    from handloom.data.images.load import load

    folder = tmp_path_factory.mktemp("digits")
    test = load("digits").test
    assert test is not None
    paths = [folder / f"{i}.png" for i in range(4)]
    for path, image in zip(paths, test.image, strict=False):
        Image.fromarray(image[..., 0].numpy()).save(path)
    return [str(path) for path in paths]
