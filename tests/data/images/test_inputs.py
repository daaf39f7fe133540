"""All that is named for a run: every image, every split, and the reason where one is unreadable."""

from pathlib import Path

import numpy as np
import pytest

from handloom.data.images.inputs import load_inputs
from handloom.data.images.load import load
from handloom.errors import UserError
from tests.data.conftest import Draw

RUN = {"size": [28, 20], "channels": 1, "fit": "crop"}


def test_two_folders_with_the_same_names(photos: Path) -> None:
    found = load_inputs([photos / "cat", photos / "owl"], RUN)
    assert len(found) == len(set(found.names)) == 20
    assert all(Path(name).is_file() for name in found.names)
    assert found.image.shape == (20, 28, 20, 1)
    assert set(found.labels) == {None}


def test_every_split_of_a_folder(tmp_path: Path, draw: Draw) -> None:
    for split, kinds in {"train": "ab", "val": "ab", "test": ""}.items():
        for kind in kinds or [""]:
            (tmp_path / split / kind).mkdir(parents=True, exist_ok=True)
            for number in range(3):
                draw(number).save(tmp_path / split / kind / f"{number}.png")
    found = load_inputs([tmp_path], RUN)
    assert sorted(map(str, found.splits)) == ["test"] * 3 + ["train"] * 6 + ["valid"] * 6
    assert sorted(map(str, found.labels)) == ["None"] * 3 + ["a"] * 6 + ["b"] * 6


def test_folders_that_contradict_are_read_without_labels(tmp_path: Path, draw: Draw) -> None:
    for folder in ("train/a", "test/a", "more/a"):
        (tmp_path / folder).mkdir(parents=True)
        draw(1).save(tmp_path / folder / "1.png")
    found = load_inputs([tmp_path], RUN)
    assert (len(found), set(found.labels)) == (3, {None})


@pytest.mark.parametrize("form", ["folder", "files", "pattern", "table"])
def test_what_cannot_be_read_is_named(photos: Path, form: str) -> None:
    folder = photos / "cat"
    whole = (folder / "0.jpg").read_bytes()
    (folder / "0.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "2.jpg").write_text("<html>")
    (photos / "t.csv").write_text(
        "image\n" + "".join(f"cat/{path.name}\n" for path in sorted(folder.iterdir()))
    )
    given = {
        "folder": [str(folder)],
        "files": [str(path) for path in sorted(folder.iterdir())],
        "pattern": [str(folder / "*")],
        "table": [str(photos / "t.csv")],
    }[form]
    found = load_inputs(given, RUN)
    assert len(found) == 8
    assert [Path(entry.path).name for entry in found.broken] == ["0.jpg", "2.jpg"]
    assert [word in entry.reason for word, entry in zip(("cut", "HTML"), found.broken, strict=True)]


def test_a_table_row_without_a_file(photos: Path) -> None:
    (photos / "t.tsv").write_text("path\tlabel\ncat/0.jpg\tcat\ngone.jpg\tcat\ncat/1.png\t\n")
    found = load_inputs([photos / "t.tsv"], RUN)
    assert found.names == ("cat/0.jpg", "cat/1.png")
    assert found.labels == ("cat", None)
    assert [tuple(entry) for entry in found.broken] == [("gone.jpg", "no such file")]


def test_advice_for_a_training_is_not_given_where_nothing_is_divided(photos: Path) -> None:
    table = photos / "patients.csv"
    table.write_text("image,label,patient_id\ncat/1.png,cat,P1\ncat/2.jpg,cat,P1\n"
                     "cat/0.jpg,cat,P2\ncat/5.png,dog,P2\n")  # fmt: skip
    assert any("--group patient_id" in note for note in load(table).notes)
    assert not any("--group" in note for note in load_inputs([table], RUN).notes)


def test_the_other_columns_of_a_table_stay_beside_its_images(photos: Path) -> None:
    (photos / "t.csv").write_text(
        "sku,path,label,set,note\n9,cat/2.jpg,cat,test,x\n8,gone.jpg,cat,train,\n"
        "007,cat/1.png,,train,y\n"
    )
    found = load_inputs([photos / "t.csv", photos / "cat" / "5.png"], RUN)
    assert found.names == ("cat/1.png", "cat/2.jpg", str(photos / "cat" / "5.png"))
    assert found.given == ({"sku": "007", "note": "y"}, {"sku": "9", "note": "x"}, {})


def test_built_in_sets_stay_on_their_test_split() -> None:
    found = load_inputs(["digits"], {"size": [8, 8], "channels": 1, "fit": "crop"})
    assert len(found) == 359
    assert set(found.splits) == {"test"}


def test_arrays_that_are_not_square(tmp_path: Path) -> None:
    image = np.random.RandomState(0).randint(0, 256, (5, 28, 20)).astype(np.uint8)
    header = b"\0\0\x08\x03" + np.array(image.shape, ">u4").tobytes()
    (tmp_path / "train-images-idx3-ubyte").write_bytes(header + image.tobytes())
    found = load_inputs([tmp_path], RUN)
    assert (found.image[..., 0].numpy() == image).all()


@pytest.mark.parametrize(("given", "message"), [("", "empty"), ("gone.jpg", "does not exist")])
def test_errors(given: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load_inputs([given], RUN)
