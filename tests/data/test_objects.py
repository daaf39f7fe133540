"""Images, sets and tables made in Python take the same way as those on a disk."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import handloom
from handloom.data.images.load import load
from handloom.data.objects import data_name, image_file, input_names
from handloom.errors import UserError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (6, 8, 3), dtype=np.uint8)


def encoded(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "image",
    [
        PIXELS,
        Image.fromarray(PIXELS),
        torch.from_numpy(PIXELS),
        torch.from_numpy(PIXELS).permute(2, 0, 1),
        PIXELS.transpose(2, 0, 1).astype(np.float32) / 255,
        PIXELS.astype(np.int64),
        encoded(PIXELS),
        io.BytesIO(encoded(PIXELS)),
    ],
    ids=["array", "PIL", "tensor", "CHW", "float", "int64", "bytes", "file"],
)
def test_every_form_of_an_image_has_the_same_pixels(image: Any, tmp_path: Path) -> None:
    with Image.open(image_file(image, tmp_path)) as read:
        assert np.array_equal(np.asarray(read), PIXELS)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((2, 3, 5, 7, 4)), r"shape \(2, 3, 5, 7, 4\) is not an image"),
        (np.full((4, 4), 3.0), "float pixels from 3 to 3"),
        (np.full((4, 4), np.nan), "float pixels from nan"),
        (np.full((4, 4), 4095, dtype=np.uint16), "pixels from 4095 to 4095"),
        (object(), "type object cannot be read"),
        (7, "type int cannot be read"),
    ],
)
def test_what_is_no_image_is_refused(image: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        image_file(image, tmp_path)


def test_inputs_of_every_kind_together() -> None:
    batch = torch.rand(2, 3, 5, 5)
    names, titles = input_names(["a.png", Path("b.png"), PIXELS, batch])
    assert names[:2] == ["a.png", "b.png"]
    assert [titles[name] for name in names[2:]] == ["image 3", "image 4", "image 5"]
    assert input_names("some text") == (["some text"], {})


def test_a_column_is_its_values() -> None:
    class Column(list[str]):
        def to_list(self) -> list[str]:
            return list(self)

    assert input_names(Column(["x.png", "y.png"]))[0] == ["x.png", "y.png"]


class Pairs(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    """Dark and light squares."""

    def __len__(self) -> int:
        return 40

    def __getitem__(self, number: int) -> tuple[torch.Tensor, int]:
        label = number % 2
        noise = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(number))
        return noise * 0.4 + 0.5 * label, label


def test_a_torch_data_set_and_arrays_are_the_same_set() -> None:
    images, labels = zip(*(Pairs()[i] for i in range(40)), strict=True)
    place = data_name(Pairs())
    assert place == data_name((torch.stack(images), torch.tensor(labels)))
    assert place == data_name((list(images), np.array(labels)))
    found = load(place, validation=0.0)
    assert (len(found.train), found.train.classes) == (40, ("0", "1"))


def test_a_dictionary_of_columns_is_a_set(tmp_path: Path) -> None:
    paths = []
    for number in range(4):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (8, 8), (60 * number,) * 3).save(paths[-1])
    labels = ["a", "b", "a", "b"]
    for images in (paths, list(map(str, paths)), [Image.open(path) for path in paths]):
        found = load(data_name({"image": images, "label": labels}), validation=0.0)
        assert (len(found.train), found.train.classes) == (4, ("a", "b"))
    assert (
        Path(data_name({"text": ["x"], "label": ["a"]}))
        .read_text("utf-8")
        .startswith("text,target")
    )
    assert input_names(path for path in paths)[0] == list(map(str, paths))


def test_texts_with_labels_are_a_table() -> None:
    place = Path(data_name((["so, good", 'so "bad"'], ["yes", "no"])))
    assert place.read_text("utf-8").splitlines() == [
        "text,target",
        '"so, good",yes',
        '"so ""bad""",no',
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (([PIXELS], [0, 1]), "1 examples and 2 labels"),
        (([], []), "empty"),
        (3.5, "type float cannot be read"),
        (([PIXELS], None), "labels of type NoneType"),
        ({"image": [PIXELS]}, "the keys image: give image"),
        ({"picture": [PIXELS], "label": [1]}, "the keys picture, label"),
        ({"image": [PIXELS], "label": [1, 2]}, "1 examples and 2 labels"),
        ([PIXELS, PIXELS, PIXELS], "item of the data set is of type ndarray"),
    ],
)
def test_what_is_no_set_is_refused(data: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        data_name(data)


def test_train_resume_and_predict_in_python(tmp_path: Path) -> None:
    run = handloom.train(
        "classifier", Pairs(), out=tmp_path / "run", network="mlp", epochs=2, quiet=True
    )
    run = handloom.resume(run.path, epochs=3, quiet=True)
    records = run.predict([Pairs()[0][0], Image.new("RGB", (8, 8), "white")])
    assert [record["input"] for record in records] == ["image 1", "image 2"]
    assert {record["label"] for record in records} <= {"0", "1"}
