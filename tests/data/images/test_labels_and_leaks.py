"""The same image with two labels, and on both sides of a split: named before training."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.data.images.dataset import DataSet
from handloom.data.images.load import load
from tests.data.conftest import Draw

CONTRADICTION = "images are equal to images with another label: mend their labels"
LEAK = "images of the set's own validation or test split, nearly the same as training images"


def make(folder: Path, draw: Draw, seeds: range, as_format: str = "png") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        draw(seed).save(folder / f"{seed}.{as_format}")


def noted(data: DataSet, sentence: str) -> list[str]:
    return [note for note in data.notes if sentence in note]


@pytest.fixture
def splits(tmp_path: Path, draw: Draw) -> Path:
    for number, kind in enumerate("ab"):
        make(tmp_path / "train" / kind, draw, range(100 * number, 100 * number + 12))
        make(tmp_path / "test" / kind, draw, range(100 * number + 50, 100 * number + 56))
    return tmp_path


def test_two_labels_in_class_folders(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path / "a", draw, range(12))
    make(tmp_path / "b", draw, range(9, 24))  # three of them are in a too
    assert [note.split()[0] for note in noted(load(tmp_path), CONTRADICTION)] == ["6"]


def test_two_labels_across_splits(splits: Path, draw: Draw) -> None:
    make(splits / "test" / "a", draw, range(100, 102))  # b in train
    assert [note.split()[0] for note in noted(load(splits), CONTRADICTION)] == ["4"]


def test_two_labels_in_a_table(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, range(24))
    rows = [f"{seed}.png,{'ab'[seed % 2]}" for seed in range(24)]
    draw(3).save(tmp_path / "again.png")
    (tmp_path / "t.csv").write_text("\n".join(["image,label", *rows, "again.png,a"]))
    assert [note.split()[0] for note in noted(load(tmp_path / "t.csv"), CONTRADICTION)] == ["2"]


def test_clean_data_say_nothing(splits: Path) -> None:
    assert not noted(load(splits), CONTRADICTION)
    assert not noted(load(splits), LEAK)


def test_test_images_that_are_in_train_too(splits: Path, draw: Draw) -> None:
    make(splits / "test" / "a", draw, range(3))
    assert [note.split()[0] for note in noted(load(splits), LEAK)] == ["3"]


def test_images_saved_again_in_the_test_split(splits: Path, draw: Draw) -> None:
    make(splits / "test" / "b", draw, range(100, 104), "jpg")
    assert [note.split()[0] for note in noted(load(splits), LEAK)] == ["4"]


def test_a_split_column_with_the_same_image_on_both_sides(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, range(24))
    draw(0).save(tmp_path / "again.png")
    draw(1).save(tmp_path / "other.png")
    rows = [f"{seed}.png,{'ab'[seed % 2]},{'test' if seed > 17 else 'train'}" for seed in range(24)]
    rows += ["again.png,a,test", "other.png,b,test"]
    (tmp_path / "t.csv").write_text("\n".join(["image,label,split", *rows]))
    assert [note.split()[0] for note in noted(load(tmp_path / "t.csv"), LEAK)] == ["2"]


def test_a_class_folder_above_the_split(tmp_path: Path, draw: Draw) -> None:
    for number, kind in enumerate("ab"):
        make(tmp_path / kind / "train", draw, range(100 * number, 100 * number + 12))
        make(tmp_path / kind / "test", draw, range(100 * number + 10, 100 * number + 20))
    assert [note.split()[0] for note in noted(load(tmp_path), LEAK)] == ["4"]


def test_small_noise_is_compared_too(tmp_path: Path) -> None:
    generator = np.random.RandomState(0)
    small = [Image.fromarray(generator.randint(0, 255, (28, 28), np.uint8)) for _ in range(24)]
    for number, image in enumerate(small):
        folder = tmp_path / ("test" if number > 17 else "train") / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        image.save(folder / f"{number}.png")
    small[1].save(tmp_path / "test" / "a" / "again.png")  # b in train
    assert [note.split()[0] for note in noted(load(tmp_path), CONTRADICTION)] == ["2"]
