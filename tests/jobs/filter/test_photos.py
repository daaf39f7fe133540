"""Kernels recovered from a photo and what they made of it, as numbers and as 8-bit pixels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_image

import handloom
from handloom.jobs.filter.kernels import NAMED, written
from handloom.jobs.run import Run
from handloom.runs.directory import RunDirectory


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of scikit-learn's photo of a temple, 64 x 96 pixels."""
    path = tmp_path_factory.mktemp("photos") / "china.png"
    Image.fromarray(load_sample_image("china.jpg")[150:214, 250:346]).save(path)
    return path


def learned(photo: Path, target: Path, **options: Any) -> Run:
    out = target.with_name("-".join([target.stem, "run", *options]))
    return handloom.train(
        "filter", photo, target=str(target), out=out, quiet=True, device="cpu", **options
    )


def kernel_of(run: Run) -> torch.Tensor:
    assert run.evaluation is not None
    return torch.tensor(run.evaluation["kernel"])


@pytest.mark.parametrize("name", ["sobel-x", "sobel-y", "blur", "sharpen"])
def test_recovered_from_numbers(photo: Path, tmp_path: Path, name: str) -> None:
    handloom.filter(photo, name, tmp_path / "after.npy")
    run = learned(photo, tmp_path / "after.npy")
    expected = written(NAMED[name])[0, 0]
    torch.testing.assert_close(kernel_of(run), expected, atol=1e-3, rtol=0)
    assert run.evaluation is not None
    assert run.evaluation["residual"] < 1e-4
    assert run.evaluation["explained"] > 0.999999
    assert run.evaluation["undetermined"] == 0
    assert run.metrics[-1]["epoch"] < 400  # it ends when it is as good as least squares
    assert RunDirectory(run.path).status()["reason"] == "as good as least squares"


@pytest.mark.parametrize("name", ["blur", "sharpen"])
def test_recovered_from_pixels(photo: Path, tmp_path: Path, name: str) -> None:
    """Rounding leaves 1 / 255 / sqrt(12) of it; what 8 bits cut off is left out."""
    handloom.filter(photo, name, tmp_path / "after.png")
    run = learned(photo, tmp_path / "after.png")
    torch.testing.assert_close(kernel_of(run), written(NAMED[name])[0, 0], atol=0.01, rtol=0)
    assert run.evaluation is not None
    # Sharpening has whole numbers for weights: nothing is rounded.
    assert run.evaluation["residual"] < (0.0013 if name == "blur" else 1e-4)
    assert (run.config["pixels"] < 3 * 62 * 94) is (name == "sharpen")
    kept = learned(photo, tmp_path / "after.png", cut_off="keep") if name == "sharpen" else None
    if kept is not None and kept.evaluation is not None:
        assert kept.evaluation["residual"] > 0.01  # a kernel can do nothing about a cut


def test_edges_on_grey_need_a_constant(photo: Path, tmp_path: Path) -> None:
    noted = handloom.filter(photo, "sobel-x", tmp_path / "after.png").notes[-1]
    assert "0 is mid grey" in noted
    plain = learned(photo, tmp_path / "after.png")
    assert plain.evaluation is not None
    assert "with a constant (--bias)" in plain.describe(plain.evaluation)
    run = learned(photo, tmp_path / "after.png", bias=True)
    assert run.evaluation is not None
    assert run.evaluation["bias"][0] == pytest.approx(0.5, abs=0.01)
    kernel = kernel_of(run)
    torch.testing.assert_close(kernel / kernel[1, 2], written(NAMED["sobel-x"])[0, 0] / 2,
                               atol=0.02, rtol=0)  # fmt: skip


def test_colours_are_mixed_where_they_must_be(photo: Path, tmp_path: Path) -> None:
    """From colour to grey: one kernel of 1x1 with three channels, which are the weights of grey."""
    with Image.open(photo) as image:
        grey = np.asarray(image, np.float32) @ np.array([0.299, 0.587, 0.114], np.float32) / 255
    np.save(tmp_path / "grey.npy", grey)
    run = learned(photo, tmp_path / "grey.npy", kernel_size="1x1")
    weights = kernel_of(run).flatten()
    torch.testing.assert_close(weights, torch.tensor([0.299, 0.587, 0.114]), atol=1e-3, rtol=0)
    again = handloom.filter(photo, str(run.path)).values
    np.testing.assert_allclose(again[0], grey, atol=1e-3)


def test_a_larger_kernel_is_seen_to_be_needed(photo: Path, tmp_path: Path) -> None:
    wide = "0,0,0,0,0;0,0,0,0,0;-1,0,0,0,1;0,0,0,0,0;0,0,0,0,0"
    handloom.filter(photo, wide, tmp_path / "after.npy")
    short = learned(photo, tmp_path / "after.npy")
    assert short.evaluation is not None
    assert short.evaluation["explained"] < 0.95
    page = (short.path / "report.html").read_text(encoding="utf-8")
    assert "--kernel-size" in page


def test_gradient_descent_takes_a_rate_that_does_not_overshoot(photo: Path, tmp_path: Path) -> None:
    handloom.filter(photo, "blur", tmp_path / "after.npy")
    run = learned(photo, tmp_path / "after.npy", optimizer="sgd", epochs=30)
    losses = [line["train/loss"] for line in run.metrics]
    assert losses == sorted(losses, reverse=True)
    assert "multiplied" in (run.path / "report.html").read_text(encoding="utf-8")
