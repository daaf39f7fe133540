"""Captions of images: tables, class names, and what cannot be."""

import shutil
from pathlib import Path

import pytest

import handloom
from handloom.errors import UserError
from handloom.jobs.clip.captions import of_classes, sentences, written
from handloom.jobs.clip.config import Config
from handloom.jobs.clip.pairs import load


def silent(what: str, done: int, total: int) -> None:
    """Reports nothing."""


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_text(text)
    return path


def test_several_captions_of_an_image_and_one_of_several(tmp_path: Path) -> None:
    path = table(tmp_path, "image,text\na.jpg,A red hat\na.jpg,a hat\nb.jpg,a  RED hat\nc.jpg,\n")
    captions = written(path, Config())
    assert captions is not None
    assert captions.texts == ("A red hat", "a hat", "a RED hat")
    assert captions.group == (0, 1, 0)
    assert captions.of_image == {"a.jpg": (0, 1), "b.jpg": (2,)}
    assert "left out 1 row without a caption" in captions.notes


def test_an_image_has_one_name_however_its_rows_write_it(tmp_path: Path) -> None:
    path = table(tmp_path, "image,text\na.jpg,a hat\n./a.jpg,a red hat\nb/./c.jpg,a shoe\n")
    captions = written(path, Config())
    assert captions is not None
    assert captions.of_image == {"a.jpg": (0, 1), "b/c.jpg": (2,)}


def test_images_without_captions_are_told_what_gives_them(tmp_path: Path, shapes: Path) -> None:
    flat = tmp_path / "flat"
    shutil.copytree(shapes / "red", flat)
    (flat / "table.csv").write_text("image,price\n0.png,3\n1.png,4\n")
    for data in (flat, flat / "table.csv"):
        with pytest.raises(UserError, match=r"^there are no captions: .* columns image,text"):
            load(Config(size=16), str(data), silent)


def test_columns(tmp_path: Path) -> None:
    assert written(table(tmp_path, "image,label\na.jpg,hat\n"), Config()) is None
    other = table(tmp_path, "image,label,Beschreibung\na.jpg,hat,ein Hut\n")
    captions = written(other, Config(text_column="Beschreibung"))
    assert captions is not None
    assert captions.texts == ("ein Hut",)
    with pytest.raises(UserError, match="has no such column"):
        written(other, Config(text_column="text"))
    with pytest.raises(UserError, match="2 columns that may hold captions"):
        written(table(tmp_path, "image,text,caption\na.jpg,x,y\n"), Config())
    headless = written(table(tmp_path, "a.jpg,a red hat\nb.jpg,a shoe\n"), Config())
    assert headless is not None
    assert headless.texts == ("a red hat", "a shoe")


def test_class_names(shapes: Path) -> None:
    pairs = load(Config(size=16, template="a photo of a {} thing|{}"), str(shapes), silent)
    assert pairs.captions.texts[:2] == ("a photo of a blue thing", "blue")
    assert pairs.captions.group == (0, 0, 1, 1, 2, 2)
    assert pairs.caption["train"].shape == (len(pairs.images.train), 2)
    assert sentences("T-shirt_top", ["a {}"]) == ["a T-shirt top"]
    with pytest.raises(UserError, match="must have"):
        of_classes(pairs.images, "a photo")


def test_validation_words_do_not_become_known(pairs: Path) -> None:
    loaded = load(Config(size=16), str(pairs), silent)
    assert loaded.tokens.shape[0] == 12
    assert loaded.max_length <= 5
    assert loaded.fingerprint != load(Config(size=16), str(pairs), silent).images.fingerprint


@pytest.mark.parametrize(
    ("options", "match"),
    [({"template": "{}"}, "the captions of .* are written"), ({"network": "resnt"}, "did you mean"),
     ({"grad_accum_steps": 2}, "which parts of a batch do not have"),
     ({"network": "resnet", "tune": "head"}, "knows nothing"),
     ({"network": "resnet", "weights": "w.pth"}, "is for pretrained networks"),
     ({"network": "timm:test_resnet", "size": 16}, "has a size of its own"),
     ({"translate": 16, "size": 16}, "give at most 15"),
     ({"text": "transformer", "hidden": 30, "size": 16}, "a multiple of 4")],
)  # fmt: skip
def test_options_that_do_not_go_together(
    pairs: Path, tmp_path: Path, options: dict[str, object], match: str
) -> None:
    with pytest.raises(UserError, match=match):
        handloom.train("clip", pairs, out=tmp_path / "run", quiet=True, **options)


def test_captions_that_are_all_the_same(tmp_path: Path, shapes: Path) -> None:
    rows = "\n".join(f"{shapes}/red/{number}.png,a thing" for number in range(8))
    with pytest.raises(UserError, match="all training images have the same caption"):
        load(Config(size=16), str(table(tmp_path, f"image,text\n{rows}\n")), silent)
