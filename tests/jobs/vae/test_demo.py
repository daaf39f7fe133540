"""The generative part of the demo, cut short."""

import io
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from handloom.jobs.vae import demo as generative


def test_it_draws_in_files_and_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(generative.OPTIONS, "epochs", 2)
    said = io.StringIO()
    generative.demo(tmp_path, Console(file=said, width=120))
    assert "nats per image" in said.getvalue()
    assert sum(set(line) <= set(" ░▒▓█") for line in said.getvalue().splitlines()) == 5 * 8
    for name, side in (("samples.png", 8 * 50 + 2), ("manifold.png", 15 * 49 + 1)):
        with Image.open(tmp_path / name) as image:
            assert image.size == (side, side)
