"""`--from` between a classifier and SimCLR: the same network, all but its head."""

from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.errors import UserError
from handloom.runs.directory import RunDirectory

QUICK: dict[str, Any] = {
    "epochs": 1,
    "lr": 0.0,
    "weight_decay": 0.0,
    "quiet": True,
    "device": "cpu",
}


def body(path: Path) -> dict[str, torch.Tensor]:
    """Weights that training at a rate of 0 leaves alone: no head, no normalisation's statistics."""
    tensors = RunDirectory.open(path).networks()["network"]
    kept = [key for key in tensors if not key.startswith(("head.", "normalize."))]
    return {key: tensors[key] for key in kept if "running" not in key and "batches" not in key}


def test_a_classifier_begins_with_the_network_of_simclr(run: Path, tmp_path: Path) -> None:
    path = handloom.train("classifier", "digits", out=tmp_path / "a", from_run=run, **QUICK).path
    config, theirs = RunDirectory.open(path).config(), RunDirectory.open(run).config()
    for name in ("kind", "size", "width"):
        assert config["network"][name] == theirs["network"][name]
    assert "tensors begin as in" in config["from"]
    first, second = body(run), body(path)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_simclr_begins_with_the_network_of_a_classifier(digits_run: Path, tmp_path: Path) -> None:
    path = handloom.train("simclr", "digits", out=tmp_path / "a", from_run=digits_run, **QUICK).path
    first, second = body(digits_run), body(path)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_simclr_goes_on_from_simclr(run: Path, tmp_path: Path) -> None:
    options = QUICK | {"projection": 16}
    path = handloom.train("simclr", "digits", out=tmp_path / "a", from_run=run, **options).path
    assert RunDirectory.open(path).networks()["network"].keys() == (
        RunDirectory.open(run).networks()["network"].keys()
    )


def test_networks_without_a_counterpart_are_refused(run: Path, tmp_path: Path) -> None:
    options = {"epochs": 1, "quiet": True}
    mlp = handloom.train("classifier", "digits", out=tmp_path / "mlp", network="mlp", **options)
    with pytest.raises(UserError, match="its network is mlp, and simclr has resnet, resnet18"):
        handloom.train("simclr", "digits", out=tmp_path / "a", from_run=mlp.path, **options)
    with pytest.raises(UserError, match="it is a simclr run; give one of the job vae"):
        handloom.train("vae", "digits", out=tmp_path / "a", from_run=run, **options)
    with pytest.raises(UserError, match="width=12: give a multiple of 8"):
        handloom.train("simclr", "digits", out=tmp_path / "a", width=12, **options)
    assert not (tmp_path / "a").exists()
