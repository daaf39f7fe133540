"""What folders mean: splits, classes, wrappers; where names contradict each other, it stops."""

import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from handloom.data.images.listing.folder import NoLabels, list_folder
from handloom.data.images.listing.layout import read_layout
from handloom.data.images.load import load, load_for_run
from handloom.data.io.splits import parse_splits
from handloom.errors import UserError
from tests.data.conftest import Draw

RUN = {"size": [16, 16], "channels": 3, "fit": "crop"}


def make(root: Path, draw: Draw, *folders: str, count: int = 6) -> Path:
    """Different images in each of the folders."""
    for place, folder in enumerate(folders):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            image = draw(100 * place + number).resize((20, 20))
            image.save(root / folder / f"{place}-{number}.png")
    return root


@pytest.mark.parametrize("train", ["train", "TRAIN", "Training", "training_set"])
@pytest.mark.parametrize("held", ["val", "dev", "Testing", "holdout", "test_images"])
def test_split_folders(tmp_path: Path, draw: Draw, train: str, held: str) -> None:
    make(tmp_path, draw, f"{train}/a", f"{train}/b", f"{held}/a", f"{held}/b")
    found = load(tmp_path)
    assert found.train.classes == ("a", "b")
    assert found.interpretation is not None
    assert list(found.interpretation.splits.values()) == [12, 12]
    assert "read as split folders" in found.notes[0]


@pytest.mark.parametrize(
    "folders",
    [
        ("train/a", "train/b", "val/a", "val/b", "extra/a"),
        ("train-8/a", "train-8/b", "val/a", "val/b"),
        ("TRAIN/a", "TEST/a", "TEST_SIMPLE/a"),
        ("train", "test1"),
        ("train", "unlabelled"),
    ],
)
def test_splits_beside_anything_else_stop(
    tmp_path: Path, draw: Draw, folders: tuple[str, ...]
) -> None:
    make(tmp_path, draw, *folders, count=2)
    for labelled in (True, False):
        with pytest.raises(UserError, match=r"named like splits .* beside others .*--splits"):
            list_folder(tmp_path, labelled)


def test_the_option_decides(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "train-8/a", "train-8/b", "val/a", "val/b", "notes/x")
    listing = list_folder(tmp_path, True, "train=train-8,valid=val")
    assert (listing.classes, set(listing.split)) == (("a", "b"), {"train", "valid"})
    assert [tuple(part)[:2] for part in listing.left_out] == [("notes", 6)]
    classes = list_folder(tmp_path, True, "none").classes
    assert classes == ("notes", "train-8", "val")
    with pytest.raises(UserError, match="no such folder"):
        list_folder(tmp_path, True, "train=train-9")


@pytest.mark.parametrize("folders", [("val", "valid"), ("test", "eval"), ("Test", "holdout")])
def test_two_folders_of_one_split(tmp_path: Path, draw: Draw, folders: tuple[str, str]) -> None:
    make(tmp_path, draw, "train/a", *(f"{folder}/a" for folder in folders), count=2)
    with pytest.raises(UserError, match="two folders for the"):
        list_folder(tmp_path, True)


@pytest.mark.parametrize("names", [("train", "test"), ("Train", "Val"), ("training", "dev")])
def test_classes_above_splits(tmp_path: Path, draw: Draw, names: tuple[str, str]) -> None:
    make(tmp_path, draw, *(f"{kind}/{name}" for kind in ("disc", "bar") for name in names))
    found = load(tmp_path)
    assert found.train.classes == ("bar", "disc")
    assert len(found.splits) == (3 if names[1] == "test" else 2)
    assert found.interpretation is not None
    assert found.interpretation.splits["train"] == 12


def test_classes_above_some_splits_stop(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "disc/train", "disc/test", "bar", count=2)
    with pytest.raises(UserError, match="inside 'disc'"):
        list_folder(tmp_path, True)
    parts = [f"{part}/{split}" for part in ("bottle", "cable") for split in ("train", "test")]
    make(tmp_path / "mvtec", draw, *(f"{part}/{kind}" for part in parts for kind in "ab"))
    with pytest.raises(UserError, match=r"give one of them, as in .*bottle"):
        list_folder(tmp_path / "mvtec", True)


@pytest.mark.parametrize("folder", ["test", "test/unknown", "Test/test", "testing/images"])
def test_an_unlabelled_test_split(tmp_path: Path, draw: Draw, folder: str) -> None:
    make(tmp_path, draw, "train/a", "train/b", folder)
    found = load(tmp_path)
    assert found.test is None
    assert found.train.classes == ("a", "b")
    assert any("left out the test split (6 images)" in note for note in found.notes)


@pytest.mark.parametrize(
    "folder", ["@eaDir", "$RECYCLE.BIN", "lost+found", ".thumbnails", "a/@eaDir", "#recycle"]
)
def test_folders_of_systems_are_never_classes(tmp_path: Path, draw: Draw, folder: str) -> None:
    make(tmp_path, draw, "a", "b", folder)
    found = load(tmp_path)
    assert found.train.classes == ("a", "b")
    assert found.interpretation is not None
    assert [part.what for part in found.interpretation.left_out] == [folder]


def test_links(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path / "set", draw, "a", "b")
    make(tmp_path / "else", draw, "c")
    (tmp_path / "set" / "c").symlink_to(tmp_path / "else" / "c", target_is_directory=True)
    assert load(tmp_path / "set").train.classes == ("a", "b", "c")
    (tmp_path / "set" / "0").symlink_to(tmp_path / "set" / "b", target_is_directory=True)
    with pytest.raises(UserError, match=r"is a link to .*b'"):
        load(tmp_path / "set")


@pytest.mark.parametrize(
    ("link", "target"),
    [("c", "a"), ("train/c", "train/a"), ("val", "train"), ("test/b", "train/b")],
)
def test_the_same_images_by_a_link_stop(tmp_path: Path, draw: Draw, link: str, target: str) -> None:
    is_split = "train" in target
    make(tmp_path, draw, *(["train/a", "train/b", "test/a"] if is_split else ["a", "b"]))
    (tmp_path / link).symlink_to(tmp_path / target, target_is_directory=True)
    with pytest.raises(UserError, match="is a link to"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["café", "naïve", "Übung"])
def test_unicode_forms_are_one_class(tmp_path: Path, draw: Draw, name: str) -> None:
    forms = [unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    make(tmp_path, draw, *forms, "other")
    found = load(tmp_path)
    assert set(found.train.classes) == {forms[0], "other"}
    assert any("two Unicode forms" in note for note in found.notes)


@pytest.mark.parametrize("pair", [("Cat", "cat"), ("dog", "dog "), ("a  b", "A b")])
def test_names_that_look_alike_are_warned_about(
    tmp_path: Path, draw: Draw, pair: tuple[str, str]
) -> None:
    make(tmp_path, draw, *pair)
    found = load(tmp_path)
    assert len(found.train.classes) == 2
    assert any("differ by letter case or spaces" in note for note in found.notes)


def test_one_class_and_a_test_split_alone_are_enough_for_a_run(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "one/disc", "held/test/a", "held/test/b")
    assert load_for_run(tmp_path / "one", RUN).train.classes == ("disc",)
    with pytest.raises(NoLabels, match="only one class"):
        load(tmp_path / "one")
    found = load_for_run(tmp_path / "held", RUN)
    assert (found.held_out, len(found.train)) == ("test", 0)
    with pytest.raises(UserError, match="no training image"):
        load(tmp_path / "held")


def test_a_name_and_a_path(tmp_path: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, draw, "digits/a", "digits/b")
    monkeypatch.chdir(tmp_path)
    found = load("digits")
    assert found.name == "digits"
    assert "'./digits'" in found.notes[0]
    for place in ("./digits", Path("digits"), str(tmp_path / "digits")):
        assert load(place).train.classes == ("a", "b")
    shutil.rmtree(tmp_path / "digits")
    assert load("digits").notes == ()


@pytest.mark.parametrize("empty", ["", "  "])
def test_empty_is_refused(empty: str) -> None:
    with pytest.raises(UserError, match="empty"):
        load(empty)


words = st.sampled_from(["train", "val", "test", "a", "b", "Test", "x.png", "dev", "train-8"])
paths = st.lists(words, min_size=0, max_size=3).map(lambda parts: "/".join([*parts, "i.png"]))


@given(st.lists(paths, min_size=1, max_size=12), st.sampled_from([None, "none", "train=train"]))
@example(["a/i.png", "b/val/i.png", "train/i.png"], None)
def test_any_names_have_one_meaning_or_one_sentence(names: list[str], splits: str | None) -> None:
    try:
        found = read_layout(Path("root"), sorted(set(names)), parse_splits(splits))
    except UserError:
        return
    assert len(found.split) == len(found.label) == len(set(names))
    for name, split in zip(sorted(set(names)), found.split, strict=True):
        held = {"val", "test", "Test", "dev"} & set(name.split("/")[:2])
        if splits is None and split == "train" and len(name.split("/")) > 2 and held:
            assert "train" in name.split("/") or not {"train"} & {n.split("/")[0] for n in names}


def test_broken_images_are_named_and_strict_stops(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "a", "b")
    (tmp_path / "a" / "page.jpg").write_text("<html>404</html>")
    (tmp_path / "a" / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 99)
    (tmp_path / "b" / "paper.png").write_bytes(b"%PDF-1.4")
    reasons = {entry.path: entry.reason for entry in load(tmp_path).broken}
    assert "HTML" in reasons["a/page.jpg"]
    assert "pillow-heif" in reasons["a/photo.heic"]
    assert "PDF" in reasons["b/paper.png"]
    with pytest.raises(UserError, match="3 broken images"):
        load(tmp_path, strict=True)


def test_avif(tmp_path: Path) -> None:
    for kind in ("a", "b"):
        (tmp_path / kind).mkdir()
        colour = "red" if kind == "a" else "blue"
        Image.new("RGB", (20, 20), colour).save(tmp_path / kind / "0.avif")
    assert load(tmp_path, validation=0).broken == ()
