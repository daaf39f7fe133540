"""What a filter run takes, refuses and does again."""

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.errors import UserError
from handloom.jobs.filter import build, defaults
from handloom.jobs.filter.config import Config, Resolved
from handloom.jobs.filter.display import choose, visible
from handloom.jobs.filter.kernels import NAMED, as_text, find_kernel, written
from handloom.jobs.filter.pair import align, read_pair
from handloom.jobs.filter.verbs import describe


def resolved(before: Path | str, target: Path | None = None, **options: Any) -> Resolved:
    config = Config(target=None if target is None else str(target), **options)
    return defaults.resolve(config, build.load(config, str(before), lambda *_: None))


def table(path: Path, rows: int, columns: int) -> Path:
    np.save(path, np.random.default_rng(0).random((rows, columns)))
    return path


def test_the_kernel_size_follows_from_the_sizes(tmp_path: Path) -> None:
    before = table(tmp_path / "before.npy", 9, 8)
    assert resolved("stripe").kernel_size == "1x2"
    assert resolved(before, table(tmp_path / "same.npy", 9, 8)).kernel_size == "3x3"
    assert resolved(before, table(tmp_path / "less.npy", 5, 7)).kernel_size == "5x2"


@pytest.mark.parametrize(
    ("size", "options", "says"),
    [
        ((9, 8), {"kernel_size": "3"}, "must be rows x columns"),
        ((9, 8), {"kernel_size": "10x1"}, "larger than the image, 9x8"),
        ((9, 7), {"kernel_size": "3x3"}, "the target of a kernel of 3x3 must be as large"),
        ((9, 9), {}, "the target of a kernel of any size must be"),
        ((9, 8), {"start": "1,2"}, "start=1,2: its shape"),
        ((9, 8), {"target": None}, "target is missing"),
        ((9, 8), {"target": "gone.png"}, "'gone.png' does not exist"),
    ],
)
def test_refusals(
    tmp_path: Path, size: tuple[int, int], options: dict[str, Any], says: str
) -> None:
    before, target = table(tmp_path / "before.npy", 9, 8), table(tmp_path / "after.npy", *size)
    with pytest.raises(UserError, match=says):
        handloom.train("filter", before, out=tmp_path / "run", quiet=True,
                       **{"target": str(target)} | options)  # fmt: skip
    assert not (tmp_path / "run").exists()


def test_a_drawing_in_black_and_white_counts_whole(tmp_path: Path) -> None:
    drawing = np.random.default_rng(0).integers(0, 2, (12, 12), dtype=np.uint8) * 255
    Image.fromarray(drawing).save(tmp_path / "a.png")
    target = tmp_path / "a.png"
    assert resolved(target, target).cut_off == "keep"
    with pytest.raises(UserError, match="give cut_off keep"):
        handloom.train("filter", target, target=str(target), cut_off="drop", quiet=True,
                       out=tmp_path / "run")  # fmt: skip


def test_a_kernel_of_too_many_numbers(tmp_path: Path) -> None:
    before = table(tmp_path / "before.npy", 90, 90)
    with pytest.raises(UserError, match="has 2,500 numbers: at most 2,048"):
        resolved(before, before, kernel_size="50x50")


@pytest.mark.filterwarnings("ignore:Using padding")
def test_a_target_of_one_size_is_read_away_from_its_border(tmp_path: Path) -> None:
    """As torch pads it with padding="same", at any size of the kernel."""
    before, kernel = torch.rand(1, 1, 9, 8), torch.rand(1, 1, 2, 4)
    same = torch.nn.functional.conv2d(before, kernel, padding="same")
    np.save(tmp_path / "before.npy", before[0, 0].numpy())
    np.save(tmp_path / "after.npy", same[0, 0].numpy())
    pair = read_pair(str(tmp_path / "before.npy"), str(tmp_path / "after.npy"))
    aligned = align(pair, (2, 4), False, "keep")
    expected = torch.nn.functional.conv2d(before, kernel)
    torch.testing.assert_close(aligned.after, expected)
    filtered = handloom.filter(tmp_path / "before.npy", as_text(kernel.numpy()), border="zeros")
    np.testing.assert_allclose(filtered.values, same[0], atol=1e-3)


def test_a_stopped_run_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handloom.objectives.filtering import FilterFit

    before, target = table(tmp_path / "before.npy", 12, 12), table(tmp_path / "after.npy", 12, 12)
    options: dict[str, Any] = {"target": str(target), "epochs": 12, "quiet": True, "bias": True}
    whole = handloom.train("filter", before, out=tmp_path / "whole", **options)
    steps, loss = [0], FilterFit.loss

    def stopping(objective: FilterFit, batch: Any) -> Any:
        steps[0] += 1
        if steps[0] == 8:
            raise KeyboardInterrupt
        return loss(objective, batch)

    with monkeypatch.context() as patch:
        patch.setattr(FilterFit, "loss", stopping)
        with pytest.raises(KeyboardInterrupt):
            handloom.train("filter", before, out=tmp_path / "run", **options)
    run = handloom.resume(tmp_path / "run", quiet=True)
    assert run.evaluation == whole.evaluation


def test_other_images_are_evaluated_with_their_own_target(tmp_path: Path) -> None:
    run = handloom.train("filter", "stripe", preset="tutorial", out=tmp_path / "run", quiet=True)
    before = table(tmp_path / "before.npy", 9, 8)
    handloom.filter(before, str(run.path), tmp_path / "after.npy")
    other = run.evaluate(before, target=str(tmp_path / "after.npy"))
    assert other["residual"] < 1e-6
    with pytest.raises(UserError, match="target is missing"):
        run.evaluate(before)


def test_the_advice_of_a_training_that_has_not_converged_is_one_that_does(tmp_path: Path) -> None:
    """By L-BFGS with its own rate and not the tutorial's, which is sgd's."""
    run = handloom.train("filter", "stripe", preset="tutorial", out=tmp_path / "run", quiet=True)
    found = re.search(
        r"not converged: <code>handloom (.*?)</code>", run.report().read_text("utf-8")
    )
    assert found is not None
    assert main([*shlex.split(found[1]), "--out", str(tmp_path / "again")]) == 0
    before, after = run.evaluation, handloom.open(tmp_path / "again").evaluation
    assert before is not None
    assert after is not None
    assert after["residual"] < 1e-5 < before["residual"]


def test_a_share_below_nothing_is_not_explained() -> None:
    evaluation: Any = {
        "data": "x", "pixels": 9, "residual": 3.0, "largest": 4.0, "explained": -9.0,
        "least_squares": 3.0, "with_constant": 3.0, "undetermined": 0, "kernel": [[1.0]],
        "bias": None,
    }  # fmt: skip
    assert "0.00 % of the variance explained" in describe(evaluation)[1]


@pytest.mark.parametrize("name", NAMED)
def test_named_kernels(name: str) -> None:
    kernel = written(NAMED[name])
    assert kernel.shape == (1, 1, 3, 3)
    total = kernel.sum().item()
    assert total == pytest.approx(0 if name in EDGES else 1, abs=1e-6)
    assert torch.equal(find_kernel(name).kernel, kernel)


EDGES = ("sobel-x", "sobel-y", "prewitt-x", "prewitt-y", "laplacian")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,2;3", "row 2 has 1 number and the first row 2"),
        ("1,nan", "'nan' is not a finite number"),
        ("nan", "not a finite number"),
        ("1,,2", "'' is not a number"),
        ("1,x", "'x' is not a number"),
        ("sobelx", "did you mean 'sobel-x'"),
        ("gone.npy", "'gone.npy' does not exist"),
        (" ", "the kernel is empty"),
    ],
)
def test_kernels_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        find_kernel(text)


def test_a_kernel_is_written_as_it_is_read() -> None:
    assert as_text(written("-1, 0.5; 1/4, 2").numpy()) == "-1, 0.5; 0.25, 2"


def test_a_kernel_larger_than_the_image(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="kernel of 3x3 is larger than the image, 2x5"):
        handloom.filter(table(tmp_path / "a.npy", 2, 5), "blur")


def test_flipping_is_the_convolution_of_mathematics(tmp_path: Path) -> None:
    from scipy.signal import convolve2d, correlate2d

    path, kernel = table(tmp_path / "a.npy", 6, 7), np.array([[1.0, 2, 3], [4, 5, 6]])
    image = np.load(path)
    for flip, reference in ((False, correlate2d), (True, convolve2d)):
        made = handloom.filter(path, "1,2,3;4,5,6", border="none", flip=flip).values[0]
        np.testing.assert_allclose(made, reference(image, kernel, mode="valid"), rtol=1e-5)


def test_colours_are_filtered_one_by_one(tmp_path: Path) -> None:
    Image.new("RGB", (5, 4), (255, 0, 51)).save(tmp_path / "a.png")
    values = handloom.filter(tmp_path / "a.png", "blur").values
    assert values.shape == (3, 4, 5)
    np.testing.assert_allclose(values[:, 2, 2], [1, 0, 0.2], atol=1e-6)


def test_how_numbers_become_pixels() -> None:
    values = np.array([[[-2, 0, 1, 2]]], np.float32)
    edges, sharper = (written(NAMED[name]).numpy() for name in ("sobel-x", "sharpen"))
    assert visible(values, "clip").pixels.flatten().tolist() == [0, 0, 255, 255]
    assert visible(values, "signed").pixels.flatten().tolist() == [0, 128, 191, 255]
    assert visible(values, "stretch").pixels.flatten().tolist() == [0, 128, 191, 255]
    assert visible(values, "absolute").pixels.flatten().tolist() == [255, 0, 128, 255]
    assert "50 % lie outside" in visible(values, "clip").note
    assert choose(values, edges) == "signed"
    assert choose(values, sharper) == "clip"
    assert choose(np.abs(values) / 2, edges) == "clip"


def test_an_image_is_not_overwritten_by_its_result(tmp_path: Path) -> None:
    image = tmp_path / "image.csv"
    image.write_text("0,1\n1,0\n")
    with pytest.raises(UserError, match="is the image itself"):
        handloom.filter(image, "1", image)
    assert image.read_text("utf-8") == "0,1\n1,0\n"
