"""A small run on the digits, for all tests of the job."""

from pathlib import Path

import pytest

import handloom


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SimCLR on the digits, trained for three epochs; a card takes another network by itself."""
    out = tmp_path_factory.mktemp("simclr") / "run"
    options = {"network": "resnet", "epochs": 3, "projection": 16, "quiet": True}
    handloom.train("simclr", "digits", out=out, **options)
    return out
