"""The demo of the network that writes, cut short."""

import io
from pathlib import Path

import pytest

from handloom.display.console import Display
from handloom.jobs.char_rnn import demo


def test_it_shows_the_command_that_it_runs_and_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"characters": 9_000, "hidden": 16, "epochs": 1}.items():
        monkeypatch.setitem(demo.OPTIONS, name, value)
    shown = io.StringIO()
    panel = demo.demo(tmp_path, Display(file=shown, width=120))
    for option in ("--characters 9000", "--epochs 1", "--lr 0.006"):
        assert option in panel.command
    assert f"{panel.command} --out {tmp_path / 'char-rnn'}" in shown.getvalue()
    assert "epoch 1/1" in capsys.readouterr().err
    assert "bits a character" in shown.getvalue()
