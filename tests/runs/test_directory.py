"""The run directory: whole or as it was, whatever happens while it is written."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from handloom.errors import UserError
from handloom.runs.directory import RunDirectory, find_runs

from .conftest import tensors

ROOT = Path(__file__).parents[2]


def snapshot(run: RunDirectory) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in run.path.rglob("*") if p.is_file()}


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_full_disk_is_one_sentence_and_loses_nothing(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    run.write_networks({"network": {"weight": torch.ones(3)}})
    before = snapshot(run)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, broken, full)
    for write in (
        lambda: run.write_networks({"network": {"weight": torch.zeros(3)}}),
        lambda: run.write_checkpoint(tensors(400), {"step": 400}),
        lambda: run.write_config({"job": "other"}),
        lambda: run.cut_metrics(0),
    ):
        with pytest.raises(UserError, match=r"No space left on device.*free some space"):
            write()
    assert snapshot(run) == before


def test_a_full_device(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    run = RunDirectory(tmp_path)
    (tmp_path / "metrics.jsonl").symlink_to("/dev/full")
    with pytest.raises(UserError, match="No space left"):
        run.append_metrics({"epoch": 1})


HOLD = """
import sys
from pathlib import Path
from handloom.runs.directory import RunDirectory
with RunDirectory(Path(sys.argv[1])).lock():
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_the_lock_keeps_a_second_writer_away_and_dies_with_its_process(run: RunDirectory) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"locked"
        with pytest.raises(UserError, match="being written by another process"), run.lock():
            pass
    finally:
        holder.kill()
        holder.communicate()
    with run.lock():
        pass


def test_the_lock_within_one_process(run: RunDirectory) -> None:
    other = RunDirectory(run.path)
    with run.lock():
        with pytest.raises(UserError, match="another process"), other.lock():
            pass
    with other.lock():
        pass


def test_metrics_are_cut_back_and_half_lines_left_out(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    assert run.metrics() == []
    for epoch in (1, 2, 3):
        run.append_metrics({"epoch": epoch, "train/loss": 1 / epoch})
    with open(tmp_path / "metrics.jsonl", "ab") as file:
        file.write(b'5\n\xff\xfe\n{"loss": 1}\n{"epoch": 4, "tr')
    assert [line["epoch"] for line in run.metrics()] == [1, 2, 3]
    run.cut_metrics(2)
    run.append_metrics({"epoch": 3})
    assert run.metrics()[1:] == [{"epoch": 2, "train/loss": 0.5}, {"epoch": 3}]


def test_config_survives_odd_names_and_stays_readable(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.write_config({"classes": ["猫", "half \udcff a character"], "data": "a\nb"})
    assert RunDirectory.open(tmp_path).config()["classes"] == ["猫", "half \udcff a character"]
    assert "猫" in (tmp_path / "config.json").read_text(encoding="utf-8")
    assert not list(tmp_path.glob(".part-*"))


def test_networks_come_back(run: RunDirectory) -> None:
    weight = torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last)
    run.write_networks({"a": {"x/y": weight, "b": weight[:1]}, "c": {"n": torch.tensor(3)}})
    found = run.networks()
    assert torch.equal(found["a"]["x/y"], weight)
    assert torch.equal(found["a"]["b"], weight[:1])
    assert found["c"]["n"].item() == 3
    flip_header = run.path / "networks.safetensors"
    flip_header.write_bytes(b"\xff" * 20)
    with pytest.raises(UserError, match="is damaged"):
        run.networks()
    flip_header.unlink()
    with pytest.raises(UserError, match="no trained networks yet"):
        run.networks()


def test_what_is_not_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a run"):
        RunDirectory.open(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(UserError, match="holds no object"):
        RunDirectory.open(tmp_path)
    (tmp_path / "config.json").write_text('{"format": 99}')
    with pytest.raises(UserError, match="of format 99"):
        RunDirectory.open(tmp_path)


def test_new_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = RunDirectory.create(None, "classifier", "/some/My Photos!/")
    second = RunDirectory.create(None, "classifier", "/some/My Photos!")
    assert [first.path.name, second.path.name] == [f"classifier-My-Photos-{n}" for n in (1, 2)]
    assert first.path.is_dir()
    with pytest.raises(UserError, match="is not a run"):
        RunDirectory.create(tmp_path, "classifier", "digits")
    first.write_config({})
    with pytest.raises(UserError, match=r"already holds a run.*resume it"):
        RunDirectory.create(first.path, "classifier", "digits")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        RunDirectory.create(tmp_path / "file" / "run", "classifier", "digits")
    second.write_config({})
    assert [r.path for r in find_runs(tmp_path)] == [p.path.resolve() for p in (first, second)]


def test_status_and_evaluation(run: RunDirectory) -> None:
    assert run.status() == {"status": "running"}
    run.write_status({"status": "finished"})
    assert run.status() == {"status": "finished"}
    assert run.evaluation() is None
    run.write_evaluation({"accuracy": 0.5})
    assert run.evaluation() == {"accuracy": 0.5}
    assert json.loads((run.path / "evaluation.json").read_text("utf-8")) == {"accuracy": 0.5}


def test_the_writer_is_known_while_it_writes(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    assert run.writer() is None
    with run.lock():
        assert run.writer() == os.getpid()
    assert run.writer() is None
    (tmp_path / ".writer").write_text("1234")  # left by a process that was killed
    assert run.writer() is None


def test_half_a_character_of_a_file_name_is_escaped(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    assert "a\\udcff.png" in run.write_report("<p>a\udcff.png</p>").read_text(encoding="utf-8")
    run.write_mistakes("file\na\udcff.png\n")
    assert "a\\udcff.png" in (tmp_path / "mistakes.csv").read_text(encoding="utf-8")
