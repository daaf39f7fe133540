"""Numbers in the shape of an image: what is read, what is refused, and that writing loses none."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.data.images.values import read_values, write_values
from handloom.errors import UserError


def test_image_files_are_between_0_and_1(tmp_path: Path) -> None:
    Image.new("RGB", (4, 2), (255, 51, 0)).save(tmp_path / "colour.png")
    read = read_values(tmp_path / "colour.png")
    assert read.is_image
    assert read.values.shape == (3, 2, 4)
    assert read.values[:, 0, 0].tolist() == pytest.approx([1, 0.2, 0])
    Image.new("L", (4, 2), 51).save(tmp_path / "grey.png")
    assert read_values(tmp_path / "grey.png").values.shape == (1, 2, 4)


def test_arrays_are_taken_as_they_are_unless_they_hold_pixels(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[1, -2], [3, 400]]))
    read = read_values(tmp_path / "a.npy")
    assert not read.is_image
    assert read.values.tolist() == [[[1, -2], [3, 400]]]
    np.save(tmp_path / "b.npy", np.full((2, 2, 3), 255, np.uint8))
    read = read_values(tmp_path / "b.npy")
    assert read.is_image
    assert "divided by 255" in read.notes[0]
    assert read.values.tolist() == np.ones((3, 2, 2)).tolist()


TEXTS = ["1,-2\n1/4,4e2\n", "1;-2\r\n0.25;400", "\ufeff1\t-2\n0.25\t400\n\n"]


@pytest.mark.parametrize("text", TEXTS)
def test_tables(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert read_values(tmp_path / "a.csv").values.tolist() == [[[1, -2], [0.25, 400]]]


@pytest.mark.parametrize("name", ["a.npy", "a.csv"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    values = np.random.default_rng(0).normal(size=(1, 3, 4)).astype(np.float32)
    write_values(values, tmp_path / name)
    assert (read_values(tmp_path / name).values == values).all()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "1,2\n3\n", "row 2 has 1 number and the first row 2"),
        ("a.csv", "1,nan\n", "'nan' is not a finite number"),
        ("a.csv", "x,y\n1,2\n", "'x' is not a number"),
        ("a.csv", "1/0,2\n", "'1/0' is not a number"),
        ("a.csv", "", "is empty"),
        ("a.npy", "not an array", "cannot be read as an array"),
        ("gone.png", None, "does not exist"),
    ],
)
def test_refusals(tmp_path: Path, name: str, content: str | None, says: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=says):
        read_values(tmp_path / name)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros(3), "array of 3: it must be"),
        (np.zeros((2, 2, 4)), "array of 2x2x4"),
        (np.array([[1.0, np.inf]]), "not finite"),
        (np.array([["a"]]), "holds no numbers"),
        (np.zeros((0, 3)), "is empty"),
        (np.array([[1j]]), "not real"),
    ],
)
def test_arrays_that_are_refused(tmp_path: Path, array: np.ndarray, says: str) -> None:  # type: ignore[type-arg]
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(UserError, match=says):
        read_values(tmp_path / "a.npy")


def test_three_channels_are_no_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="one channel"):
        write_values(np.zeros((3, 2, 2), np.float32), tmp_path / "a.csv")
