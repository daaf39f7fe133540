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
    "simclr": {"network": "resnet"},
    "clip": {"network": "resnet"},
}
# Recorded turns of a pair share no latents, as they do by default: eager ones must not either.
ALONE = {"n_critic": 2}
# What draws at random, changes by schedule or looks back must not become a constant.
RECORDED: list[tuple[str, dict[str, Any]]] = [
    ("classifier", {"network": "cnn", "size": 8}),
    ("classifier", {"network": "mlp", "translate": 1, "rotate": 5.0, "scale": 0.1, "cutout": 2}),
    ("classifier", {"network": "mlp", "crop": 0.5, "color": 0.3, "hflip": True, "mixup": 0.4}),
    ("classifier", {"network": "mlp", "rand_augment": 2, "magnitude": 5.0, "erase": 0.5}),
    ("classifier", {"network": "mlp", "optimizer": "adamw", "ema_decay": 0.9, "clip": 1.0}),
    ("classifier", {"network": "mlp", "class_weights": "balanced", "grad_accum_steps": 2}),
    ("char-rnn", {"cell": "lstm", "hidden": 32, "batch": 8, "dropout": 0.2}),
    ("char-rnn", {"cell": "scratch", "hidden": 16, "batch": 8}),
    ("char-rnn", {"cell": "rnn", "hidden": 16, "batch": 8, "preset": "tutorial", "epochs": 2}),
    ("autoencoder", {"network": "conv", "width": 8}),
    ("autoencoder", {"network": "dense"}),
    ("vae", {"network": "conv", "width": 8, "warmup": 0.8, "epochs": 3}),
    ("vae", {"network": "dense", "conditional": True, "likelihood": "gaussian"}),
    ("gan", {"network": "dense"} | ALONE),
    ("simclr", {"network": "resnet", "rotate": 10.0, "blur": 0.5, "noise": 0.05}),
    ("simclr", {"network": "resnet", "labels": True}),
    ("simclr", {"network": "resnet", "labels": True, "loss": "pairwise"}),
    ("clip", {"network": "resnet"}),
    ("gan", {"network": "resnet", "width": 8, "loss": "wasserstein"} | ALONE),
    ("gan", {"network": "resnet", "width": 8, "augment": "diff", "conditional": True} | ALONE),
]
VARIABLE_LENGTH = {"text-classifier"}  # batches change in shape: nothing to replay
TRAINED = [name for name in JOBS if issubclass(find_job(name).config, TrainingConfig)]
cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_every_job_is_covered() -> None:
    assert list(OPTIONS) == TRAINED
    assert {job for job, _ in RECORDED} == set(TRAINED) - VARIABLE_LENGTH


def train(job: str, folder: Path, device: str, cuda_graph: str, **own: Any) -> Path:
    data = "pydoc" if job == "text-classifier" else "digits"
    if job == "char-rnn":
        text = folder / "text.txt"
        text.write_text(TEXT, encoding="utf-8")
        data = str(text)
    out = folder / f"graph-{cuda_graph}"
    options = {"epochs": 1, "precision": "float32", "device": device} | (own or OPTIONS[job])
    handloom.train(job, data, out=out, quiet=True, cuda_graph=cuda_graph, **options)
    return out


@pytest.mark.gpu
@cuda
@pytest.mark.parametrize("job", TRAINED)
def test_a_job_trains_on_a_card(job: str, tmp_path: Path) -> None:
    run = handloom.open(train(job, tmp_path, "cuda", cuda_graph="auto"))
    assert run.finished
    assert len(run.metrics) == 1


@pytest.mark.gpu
@cuda
@pytest.mark.parametrize(("job", "options"), RECORDED, ids=lambda value: str(value))
def test_recorded_steps_give_what_eager_ones_give(
    job: str, options: dict[str, Any], tmp_path: Path
) -> None:
    eager, recorded = (train(job, tmp_path, "cuda", graph, **options) for graph in ("off", "on"))
    wanted, networks = RunDirectory(eager).networks(), RunDirectory(recorded).networks()
    assert wanted.keys() == networks.keys()
    for name, tensors in wanted.items():
        for key, tensor in tensors.items():
            torch.testing.assert_close(
                networks[name][key], tensor, rtol=1e-2, atol=1e-3, msg=f"{job}: {name}/{key}"
            )


@pytest.mark.gpu
@cuda
def test_recorded_triplets_have_the_loss_of_eager_ones(tmp_path: Path) -> None:
    """Their weights are not compared: which negative is taken changes with the last bit, and the
    gradients of a gather are summed in any order, so that two eager trainings differ as much."""
    options = {"network": "resnet", "labels": True, "loss": "triplet"}
    paths = [train("simclr", tmp_path, "cuda", graph, **options) for graph in ("off", "on")]
    eager, recorded = (handloom.open(path).metrics[-1]["train/loss"] for path in paths)
    assert recorded == pytest.approx(eager, rel=0.05)


@pytest.mark.parametrize("job", TRAINED)
def test_without_a_card_one_sentence_says_so(job: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cuda_graph"):
        train(job, tmp_path, "cpu", cuda_graph="on")
