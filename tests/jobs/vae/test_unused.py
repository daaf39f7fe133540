"""What a VAE does not use is declared, and noted before a training."""

from pathlib import Path

import pytest

import handloom
from handloom.jobs.vae.unused import unused


def test_there_is_nothing_to_warm_up_without_beta() -> None:
    assert unused({"beta": 1.0}) == {}
    assert set(unused({"beta": 0.0})) == {"warmup"}


def test_it_is_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = {"network": "dense", "width": 8, "depth": 1, "epochs": 1, "beta": 0, "warmup": 0.5}
    handloom.train("vae", "digits", out=tmp_path / "run", **options)
    assert "--warmup is not used: beta is 0" in " ".join(capsys.readouterr().err.split())
