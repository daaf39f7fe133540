"""A filter's file is its run: numbers, images and borders, in a process without torch."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import handloom
from handloom.errors import UserError
from handloom.export.results import Exported
from handloom.export.write import export
from handloom.jobs.filter.apply import Border
from tests.export.test_predict import WITHOUT_TORCH

BORDERS: list[Border] = ["replicate", "reflect", "zeros", "none"]


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    pixels = np.random.default_rng(0).integers(0, 256, (13, 9, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="module")
def runs(photo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Runs and their files: a kernel of 4x3 for each colour, and one of 1x1 that mixes them."""
    folder, made = tmp_path_factory.mktemp("runs"), {}
    handloom.filter(photo, "1,0,2;0,1,0;0,-1,0;3,0,0", folder / "one.npy")
    with Image.open(photo) as image:
        np.save(folder / "mixed.npy", np.asarray(image, np.float32) @ [0.5, 0.25, 1])
    options: dict[str, dict[str, Any]] = {
        "one": {"kernel_size": "4x3"},
        "mixed": {"kernel_size": "1x1", "bias": True},
    }
    for name, own in options.items():
        run = handloom.train("filter", photo, target=str(folder / f"{name}.npy"), epochs=30,
                             out=folder / name, quiet=True, **own)  # fmt: skip
        (file,) = export(run.path, out=folder / f"{name}.onnx")
        assert file.agreement.checked_on == "patches of its own image"
        made[name] = run.path, file.path
    return made


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("name", ["one", "mixed"])
def test_a_file_filters_as_its_run(
    runs: dict[str, tuple[Path, Path]], photo: Path, name: str, border: Border
) -> None:
    run, file = runs[name]
    expected = handloom.filter(photo, run, border=border).values
    made = handloom.filter(photo, file, border=border).values
    assert made.shape == expected.shape
    np.testing.assert_allclose(made, expected, atol=1e-4)


def test_images_that_do_not_fit(runs: dict[str, tuple[Path, Path]], tmp_path: Path) -> None:
    Image.new("L", (5, 5)).save(tmp_path / "grey.png")
    Image.new("RGB", (5, 3)).save(tmp_path / "low.png")
    with pytest.raises(UserError, match="the kernel takes 3 channels and the image has 1"):
        handloom.filter(tmp_path / "grey.png", runs["mixed"][1])
    with pytest.raises(UserError, match="the kernel of 4x3 is larger than the image, 3x5"):
        handloom.filter(tmp_path / "low.png", runs["one"][1])
    with pytest.raises(UserError, match=r"^flip: the kernel in .*one.onnx stays as it is"):
        handloom.filter(tmp_path / "grey.png", runs["one"][1], flip=True)


def test_files_of_other_jobs(exported: Callable[[str], list[Exported]], photo: Path) -> None:
    (classifier,) = exported("classifier")
    with pytest.raises(UserError, match="is the classifier of a classifier run: kernel takes"):
        handloom.filter(photo, classifier.path)
    (file,) = exported("filter")
    from handloom.cli.main import main

    assert main(["predict", str(file.path), str(photo)]) == 2


def test_a_fresh_process_imports_no_torch(
    runs: dict[str, tuple[Path, Path]], photo: Path, tmp_path: Path
) -> None:
    """The image that it writes is the one that the run writes."""
    run, file = runs["one"]
    note = handloom.filter(photo, run, tmp_path / "run.png").notes[-1]
    words = ["filter", photo, "--kernel", file, "--out", tmp_path / "file.png", "--json"]
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["size"] == [3, 13, 9]
    assert f"values from {json.loads(done.stdout)['low']:.4g}" in note
    pixels = [np.asarray(Image.open(tmp_path / name), int) for name in ("run.png", "file.png")]
    assert np.abs(pixels[0] - pixels[1]).max() <= 1
