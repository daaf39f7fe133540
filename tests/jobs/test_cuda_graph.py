"""Every job trains on a card, and its recorded steps give what eager ones give."""

from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.jobs.options import TrainingConfig
from handloom.runs.directory import RunDirectory

TEXT = "the quick brown fox jumps over the lazy dog\n" * 200
OPTIONS: dict[str, dict[str, Any]] = {
    "classifier": {"network": "cnn", "size": 8},
    "text-classifier": {"network": "lstm"},
    "char-rnn": {"cell": "lstm", "hidden": 32, "batch": 8},
    "autoencoder": {"network": "conv", "width": 8},
    "vae": {"network": "conv", "width": 8},
    "gan": {"network": "dense"},
}
VARIABLE_LENGTH = {"text-classifier"}  # batches change in shape: nothing to replay
TRAINED = [name for name in JOBS if issubclass(find_job(name).config, TrainingConfig)]
cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_every_job_is_covered() -> None:
    assert list(OPTIONS) == TRAINED


def train(job: str, folder: Path, device: str, cuda_graph: bool) -> Path:
    data = "pydoc" if job == "text-classifier" else "digits"
    if job == "char-rnn":
        text = folder / "text.txt"
        text.write_text(TEXT, encoding="utf-8")
        data = str(text)
    out = folder / f"graph-{cuda_graph}"
    options = OPTIONS[job] | {"epochs": 1, "precision": "float32", "device": device}
    handloom.train(job, data, out=out, quiet=True, cuda_graph=cuda_graph, **options)
    return out


@pytest.mark.gpu
@cuda
@pytest.mark.parametrize("job", TRAINED)
def test_a_job_trains_on_a_card(job: str, tmp_path: Path) -> None:
    run = handloom.open(train(job, tmp_path, "cuda", cuda_graph=False))
    assert run.finished
    assert len(run.metrics) == 1


@pytest.mark.gpu
@cuda
@pytest.mark.parametrize("job", sorted(set(TRAINED) - VARIABLE_LENGTH))
def test_recorded_steps_give_what_eager_ones_give(job: str, tmp_path: Path) -> None:
    eager, recorded = (train(job, tmp_path, "cuda", graph) for graph in (False, True))
    wanted, networks = RunDirectory(eager).networks(), RunDirectory(recorded).networks()
    assert wanted.keys() == networks.keys()
    for name, tensors in wanted.items():
        for key, tensor in tensors.items():
            torch.testing.assert_close(
                networks[name][key], tensor, rtol=1e-2, atol=1e-3, msg=f"{job}: {name}/{key}"
            )


@pytest.mark.parametrize("job", TRAINED)
def test_without_a_card_one_sentence_says_so(job: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--cuda-graph"):
        train(job, tmp_path, "cpu", cuda_graph=True)
