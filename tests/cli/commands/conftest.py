"""A run of every job, trained for one epoch, and a way to type a command."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from handloom.cli.main import main
from tests.conftest import train_evaluators_quickly

TINY = {
    "classifier": ("digits", {"network": "mlp"}),
    "text-classifier": ("reviews.csv", {"network": "bag"}),
    "char-rnn": ("notes.txt", {"hidden": 16}),
    "autoencoder": ("digits", {"network": "dense", "latent_dim": 2}),
    "vae": ("digits", {"network": "dense", "latent_dim": 2}),
    "gan": ("digits", {"network": "dense", "latent_dim": 4}),
}


@dataclass(frozen=True)
class Typed:
    """What a command printed."""

    status: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The objects of --json, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Callable[..., Typed]:
    """typed(*words): run a command in this process."""

    def run(*words: object) -> Typed:
        capsys.readouterr()
        status = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Typed(status, captured.out, captured.err)

    return run


def size(path: Path | str) -> tuple[int, int]:
    """Width and height of an image file, which is read to its end."""
    with Image.open(path) as image:
        image.load()
        return image.size


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with reviews.csv (text,target) and notes.txt."""
    folder = tmp_path_factory.mktemp("texts")
    rows = [f'"a {word} film, number {i}",{target}'
            for i in range(60) for word, target in (("fine", "good"), ("dull", "bad"))]  # fmt: skip
    (folder / "reviews.csv").write_text("\n".join(["text,target", *rows]))
    (folder / "notes.txt").write_text("the quick brown fox jumps over the lazy dog\n" * 200)
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, texts: Path) -> Callable[[str], Path]:
    """trained(job) -> a run of one epoch."""
    import handloom

    runs: dict[str, Path] = {}

    def train(job: str) -> Path:
        if job not in runs:
            data, options = TINY[job]
            out = tmp_path_factory.mktemp("runs") / job
            source = texts / data if (texts / data).exists() else data
            with pytest.MonkeyPatch.context() as patch:
                train_evaluators_quickly(patch)
                handloom.train(job, source, out=out, epochs=1, quiet=True, **options)
            runs[job] = out
        return runs[job]

    return train
