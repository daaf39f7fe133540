"""Optional parts and weights: here, missing, or damaged."""

from pathlib import Path

import pytest

from handloom.doctor import parts
from handloom.extras import Extra


def test_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "there": Extra("texts", {"numpy": "numpy"}),
        "absent": Extra("sounds", {"no-such-library": "no_such_module", "numpy": "numpy"}),
    }
    monkeypatch.setattr(parts, "EXTRAS", known)
    assert parts.part("there", tmp_path).status == "works"
    check = parts.part("absent", tmp_path)
    assert (check.status, check.remedy) == ("missing", "pip install no-such-library")


def test_a_part_that_does_not_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "damaged_part.py").write_text("raise ImportError('built for another libc')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(parts, "EXTRAS", {"x": Extra("y", {"damaged": "damaged_part"})})
    check = parts.part("x", tmp_path)
    assert check.status == "failed"
    assert check.detail == "y: ImportError: built for another libc"
    assert check.remedy == "pip install --force-reinstall damaged"


def test_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    check = parts.weights("vgg19", tmp_path)
    assert (check.status, check.remedy) == ("missing", "handloom fetch vgg19")
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "vgg19-dcbb9e9d.pth").touch()
    assert parts.weights("vgg19", tmp_path).status == "works"
