"""What the bits of a run depend on is recorded, restored, and put back."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
import torch

import handloom
from handloom.jobs.training.environment import determinism, environment, restored, threads

CPU = torch.device("cpu")


def test_threads_are_those_asked_for_and_then_as_before() -> None:
    before = torch.get_num_threads()
    with suppress(ZeroDivisionError), threads(before + 1):
        assert torch.get_num_threads() == before + 1
        raise ZeroDivisionError
    assert torch.get_num_threads() == before


def test_determinism_is_taken_back() -> None:
    with determinism(True):
        assert torch.are_deterministic_algorithms_enabled()
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert not torch.are_deterministic_algorithms_enabled()
    assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ


def test_a_run_has_the_precision_it_began_with() -> None:
    options, notes = restored({"seed": 3}, environment(CPU, "float32"))
    assert options == {"seed": 3, "device": "cpu", "precision": "float32"}
    assert notes == []


def test_what_differs_is_said() -> None:
    there = environment(CPU, "float32") | {"processor": "Z80", "torch": "0.3"}
    _, notes = restored({}, there)
    assert len(notes) == 1
    for part in ("Z80", "0.3", "not to the bit"):
        assert part in notes[0]


def test_a_device_that_is_not_here_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    options, notes = restored({}, environment(CPU, "float32") | {"device": "cuda:3"})
    assert options["device"] == "auto"
    assert "cuda:3" in notes[0]


def test_resume_takes_the_threads_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handloom.jobs.training.stages import Stages

    seen = []

    def look(stages: Stages, *_: object, **__: object) -> None:
        seen.append(torch.get_num_threads())

    monkeypatch.setattr(Stages, "run", look)
    with threads(3):
        path = handloom.train(
            "classifier", "digits", out=tmp_path / "run", network="mlp", epochs=1, quiet=True
        ).path
    handloom.resume(path, quiet=True)
    assert seen == [3, 3]
