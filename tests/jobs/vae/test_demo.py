"""The demo part of the demo, cut short."""

import io
from pathlib import Path

import pytest
from PIL import Image

from handloom.display.console import Display
from handloom.jobs.vae import demo


def test_it_draws_in_files_and_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(demo.OPTIONS, "epochs", 2)
    shown = io.StringIO()
    panel = demo.demo(tmp_path, Display(file=shown, width=120))
    assert "--epochs 2" in panel.command
    assert panel.body.count("<img") == 1
    assert "nats per image" in shown.getvalue()
    assert sum(set(line) <= set(" ░▒▓█") for line in shown.getvalue().splitlines()) == 5 * 8
    for name, side in (("samples.png", 8 * 50 + 2), ("manifold.png", 15 * 49 + 1)):
        with Image.open(tmp_path / name) as image:
            assert image.size == (side, side)
