"""filter, and train filter: what is typed, printed and written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def stripe(tmp_path: Path) -> Path:
    image = np.full((6, 8), 255, np.uint8)
    image[:, 2:6] = 0
    Image.fromarray(image).save(tmp_path / "stripe.png")
    return tmp_path / "stripe.png"


def test_edges_of_a_stripe(typed: Callable[..., Any], stripe: Path) -> None:
    out = stripe.with_name("edges.npy")
    made = typed("filter", stripe, "--kernel", "1,-1", "--border", "none", "--out", out)
    assert made.status == 0
    assert made.out == f"{out}: 6x7 numbers from -1 to 1\n"
    assert np.load(out)[0].tolist() == [0, 1, 0, 0, 0, -1, 0]


def test_a_kernel_that_begins_with_minus_and_an_image(
    typed: Callable[..., Any], stripe: Path
) -> None:
    out = stripe.with_name("edges.png")
    kernel = "-1,0,1;-2,0,2;-1,0,1"
    made = typed("filter", stripe, "--kernel", kernel, "--out", out)
    assert made.out == f"{out}: 6x8, values from -4 to 4: 0 is mid grey, 4 white and -4 black\n"
    with Image.open(out) as image:
        assert np.asarray(image)[3].tolist() == [128, 0, 0, 128, 128, 255, 255, 128]
    (record,) = typed("filter", stripe, "--kernel", kernel, "--out", out, "--json").records
    assert record == {"out": str(out), "size": [1, 6, 8], "low": -4, "high": 4}


def test_learned_and_applied(typed: Callable[..., Any], stripe: Path) -> None:
    out, run = stripe.with_name("edges.csv"), stripe.with_name("run")
    typed("filter", stripe, "--kernel", "1,-1", "--border", "none", "--out", out)
    made = typed("train", "filter", stripe, "--target", out, "--out", run)
    assert made.status == 0
    assert made.out.startswith("kernel 1, -1\n  residual ")
    assert "a kernel of 1x2, on 42 pixels" in made.err
    again = stripe.with_name("again.csv")
    typed("filter", stripe, "--kernel", run, "--border", "none", "--out", again)
    expected = np.loadtxt(out, delimiter=",")
    np.testing.assert_allclose(np.loadtxt(again, delimiter=","), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--kernel", "blur"], "--out is missing"),
        (["--out", "x.png"], "--kernel is missing"),
        (["--kernel", "1,2;3", "--out", "x.png"], "row 2 has 1 number"),
        (["--kernel", "blur", "--out", "x.txt"], "'x.txt' is not the name of an image"),
        (["--kernel", "blur", "--out", "no/x.npy"], "the folder of 'no/x.npy' does not exist"),
        (["--kernel", "blur", "--out", "x.png", "--border", "wrap"], "--border wrap: must be"),
    ],
)
def test_refusals(typed: Callable[..., Any], stripe: Path, words: list[str], says: str) -> None:
    made = typed("filter", stripe, *words)
    assert made.status == 2
    assert says in made.err
    assert made.err.count("\n") == 1
