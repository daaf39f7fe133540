"""Checkpoints of a run: two generations, each whole or not there."""

from pathlib import Path
from typing import Any

import pytest
import torch

from handloom.errors import UserError
from handloom.runs.directory import RunDirectory

from .conftest import tensors


def newest(run: RunDirectory, suffix: str) -> Path:
    return sorted((run.path / "checkpoint").glob(f"*{suffix}"))[-1]


def files(run: RunDirectory) -> list[str]:
    return sorted(p.name for p in (run.path / "checkpoint").iterdir())


def test_two_generations_and_the_newest_is_read(run: RunDirectory) -> None:
    found = run.checkpoint()
    assert found is not None
    read, numbers, notes = found
    assert (numbers, notes) == ({"step": 300, "epoch": 3}, [])
    assert all(torch.equal(read[k], v) for k, v in tensors(300).items() if k != "rng")
    assert len(files(run)) == 4


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def other_number(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"epoch": 3', '"epoch": 4'))


def nested(path: Path) -> None:
    path.write_text("[" * 100_000)


DAMAGE = [
    (truncate, ".safetensors"),
    (truncate, ".json"),
    (flip, ".safetensors"),
    (flip, ".json"),
    (empty, ".safetensors"),
    (empty, ".json"),
    (other_number, ".json"),
    (nested, ".json"),
    (Path.unlink, ".json"),
    (Path.unlink, ".safetensors"),
]


@pytest.mark.parametrize(("damage", "suffix"), DAMAGE)
def test_a_damaged_checkpoint_falls_back_and_says_so(
    run: RunDirectory, damage: Any, suffix: str
) -> None:
    damage(newest(run, suffix))
    found = run.checkpoint()
    assert found is not None
    _, numbers, notes = found
    assert numbers["step"] == 200
    assert len(notes) == 1
    assert "000000000300 is damaged" in notes[0]


def test_all_damaged_is_a_users_error(run: RunDirectory) -> None:
    for path in (run.path / "checkpoint").glob("*.safetensors"):
        flip(path)
    with pytest.raises(UserError, match=r"all checkpoints .* damaged"):
        run.checkpoint()


def test_killed_within_the_first_checkpoint_begins_anew(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    assert run.checkpoint() is None
    run.write_checkpoint(tensors(1), {"step": 1})
    newest(run, ".json").unlink()
    assert run.checkpoint() is None


def test_after_a_fall_back_the_damaged_future_goes(run: RunDirectory) -> None:
    flip(newest(run, ".safetensors"))
    (run.path / "checkpoint" / "000000000250.safetensors").write_bytes(b"half")
    (run.path / "checkpoint" / ".part-260").write_bytes(b"half")
    run.write_checkpoint(tensors(280), {"step": 280})
    run.write_checkpoint(tensors(290), {"step": 290})
    assert files(run) == [f"{s:012d}{e}" for s in (280, 290) for e in (".json", ".safetensors")]
    found = run.checkpoint()
    assert found is not None
    assert found[1:] == ({"step": 290}, [])


class Killed(BaseException):
    """As by kill -9."""


@pytest.mark.parametrize("written", [0, 1])
def test_killed_within_the_second_checkpoint_of_a_step_keeps_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """The end of a stage and the beginning of the next one are at the same step."""
    run, write, count = RunDirectory(tmp_path), RunDirectory._write, 0

    def killing(directory: RunDirectory, name: str, content: bytes) -> None:
        nonlocal count
        if count == written:
            raise Killed
        count += 1
        write(directory, name, content)

    run.write_checkpoint(tensors(0), {"step": 0, "stage": 0})
    with monkeypatch.context() as patch:
        patch.setattr(RunDirectory, "_write", killing)
        with pytest.raises(Killed):
            run.write_checkpoint(tensors(1), {"step": 0, "stage": 1})
    found = run.checkpoint()
    assert found is not None
    assert found[1]["stage"] == 0
    run.write_checkpoint(tensors(0), {"step": 0, "stage": 1})
    found = run.checkpoint()
    assert found is not None
    assert found[1:] == ({"step": 0, "stage": 1}, [])
    assert len(files(run)) == 4
    run.write_checkpoint(tensors(5), {"step": 5, "stage": 1})
    assert files(run)[-1] == "000000000005.safetensors"
    assert len(files(run)) == 4
