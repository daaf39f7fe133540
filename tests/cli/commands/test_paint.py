"""stylize on the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from handloom.runs.directory import RunDirectory
from tests.cli.commands.conftest import size


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "photo.png", tmp_path / "painting.png"]
    rng = np.random.default_rng(0)
    for path in paths:
        Image.fromarray(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(path)
    return paths


def test_stylize(typed: Callable[..., Any], images: list[Path], tmp_path: Path) -> None:
    out, run = tmp_path / "painted.png", tmp_path / "run"
    fast = ("--network", "random", "--size", 48, "--iterations", 3, "--run", run)
    made = typed("stylize", *images, "--out", out, *fast, "--json")
    assert made.status == 0
    (record,) = made.records
    assert {"run", "out", "network", "seconds", "content", "style"} <= set(record)
    assert size(out) == (64, 48)
    assert RunDirectory(run).status()["status"] == "finished"
    assert f"report: {run / 'report.html'}" in typed("resume", run).out


def test_refusals(typed: Callable[..., Any], images: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "painted.png"
    for words, says in [
        ((*images,), "--out painted.jpg"),
        ((images[0], "--out", out), "PAINTING... is missing"),
        ((*images, "--out", tmp_path / "no" / "x.png"), "does not exist"),
        ((*images, "--out", tmp_path / "x.txt"), "is not the name of an image"),
        ((*images, "--out", out, "--steps", 3), "did you mean --iterations?"),
        (("gone.png", images[1], "--out", out), "gone.png"),
    ]:
        refused = typed("stylize", *words)
        assert (refused.status, refused.out) == (2, ""), words
        assert says in refused.err
    assert not out.exists()
