"""`handloom runs`: all runs side by side."""

import json
import shutil
from pathlib import Path

import pytest

import handloom
from handloom.cli import main


def test_runs_and_what_they_differ_in(
    digits_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(digits_run, tmp_path / "a")
    handloom.train("classifier", "digits", network="mlp", epochs=1, out=tmp_path / "b", quiet=True)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "config.json").write_text("[]")
    assert main(["runs", str(tmp_path), "--json"]) == 0
    runs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(run["run"]).name for run in runs] == ["a", "b", "c"]
    assert (runs[0]["differs"]["network"], runs[1]["differs"]["network"]) == ("resnet", "mlp")
    assert "seed" not in runs[0]["differs"]
    assert runs[0]["epochs"] == 3
    assert 0 < runs[1]["metrics"]["accuracy"] < 1
    assert runs[2]["status"] == "damaged"
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["runs", tmp_path.name]) == 0
    assert "classifier" in capsys.readouterr().out
