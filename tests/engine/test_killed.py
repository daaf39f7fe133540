"""kill -9 and resume: the same files as the run that was never killed."""

from pathlib import Path
from typing import Any

import pytest
import torch

from handloom.cli.main import main
from handloom.runs.directory import RunDirectory
from tests.killed import killed_after_its_first_checkpoint

ON_CARD = ["--epochs", "300", "--batch", "32", "--device", "cuda", "--deterministic"]
JOBS = {
    "classifier": ["--network", "cnn", "--epochs", "8", "--batch", "32", "--translate", "1"],
    "vae": ["--network", "dense", "--epochs", "8", "--batch", "32", "--conditional"],
    "gan": ["--network", "dense", "--epochs", "5", "--batch", "32", "--ema-decay", "0.99"],
}


def final(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    found = RunDirectory.open(path).checkpoint()
    assert found is not None
    tensors, numbers, notes = found
    assert notes == []
    numbers["callbacks"].pop("Journal")  # knows seconds
    return tensors, {k: v for k, v in numbers.items() if k != "seconds"}


def lines(path: Path) -> list[dict[str, Any]]:
    return [
        {k: v for k, v in line.items() if k not in ("seconds", "samples_per_second")}
        for line in RunDirectory.open(path).metrics()
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("quick_evaluator")
@pytest.mark.parametrize("job", JOBS)
def test_a_killed_run_ends_as_one_that_was_not(job: str, tmp_path: Path) -> None:
    ends_the_same(["train", job, "digits", *JOBS[job], "--device", "cpu", "--out"], tmp_path)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_card_too(tmp_path: Path) -> None:
    ends_the_same(["train", "vae", "digits", *ON_CARD, "--network", "dense", "--out"], tmp_path)


def ends_the_same(common: list[str], tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert main([*common, str(whole)]) == 0
    killed_after_its_first_checkpoint(broken, *common, str(broken))
    assert len(lines(broken)) < int(common[common.index("--epochs") + 1])
    assert main(["resume", str(broken)]) == 0
    assert (whole / "networks.safetensors").read_bytes() == (
        broken / "networks.safetensors"
    ).read_bytes()
    (mine, numbers), (theirs, other_numbers) = final(whole), final(broken)
    assert numbers == other_numbers
    assert mine.keys() == theirs.keys()
    assert [k for k in mine if not torch.equal(mine[k], theirs[k])] == []
    assert lines(whole) == lines(broken)
