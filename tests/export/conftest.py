"""Runs that are exported: those in tests/golden, which no test trains."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from handloom.export.results import Exported
from handloom.export.write import export

ALONE = {"autoencoder": "decoder"}  # the one of its parts that is not as a vae's
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="session", autouse=True)
def _quick(quick_exports: None) -> None:
    """Most tests here write files."""


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """golden(job) -> a copy of the finished run of that job in tests/golden."""
    folder = tmp_path_factory.mktemp("golden")

    def copied(job: str) -> Path:
        if not (folder / job).exists():
            shutil.copytree(GOLDEN / job, folder / job)
            (folder / job / "evaluation.json").unlink(missing_ok=True)  # of that time's form
        return folder / job

    return copied


@pytest.fixture(scope="session")
def exported(golden: Callable[[str], Path]) -> Callable[[str], list[Exported]]:
    """exported(job) -> the ONNX files of its golden run."""
    made: dict[str, list[Exported]] = {}

    def make(job: str) -> list[Exported]:
        if job not in made:
            made[job] = export(golden(job), part=ALONE.get(job))
        return made[job]

    return make
