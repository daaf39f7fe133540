"""The images of a folder in the order of their paths, without a list of them."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handloom.data.images.listing import ordered
from handloom.data.images.listing.folder import UNLABELLED, list_folder
from handloom.data.images.listing.ordered import in_order, survey
from handloom.data.io.path_order import order
from handloom.errors import UserError

FOLDERS = ["a", "a.b", "a-b", "a0", "A", "\u00e4", "a\u0308", "\u65e5", "train", "val", "images",
           ".hidden", "__pycache__", os.fsdecode(b"\xe4"), "x.png"]  # fmt: skip
FILES = ["1.png", "10.PNG", "2.jpg", "a.png", "a-b.png", "a0.png", "\u00e9.png", "\U0001f600.gif",
         "1_mask.png", "2_mask.png", os.fsdecode(b"\xff.png"), "notes.txt", ".x.png"]  # fmt: skip
paths = st.tuples(st.lists(st.sampled_from(FOLDERS), max_size=3), st.sampled_from(FILES)).map(
    lambda parts: "/".join([*parts[0], parts[1]])
)


def make(root: Path, names: list[str]) -> None:
    """Empty files, without those whose name another path needs for a folder."""
    for name in names:
        try:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        except OSError:
            continue


@settings(max_examples=40, deadline=None)
@given(st.lists(paths, min_size=1, max_size=14), st.booleans(),
       st.sampled_from([None, "none", "train=train,valid=val"]))  # fmt: skip
def test_it_is_the_list_of_the_folder_in_order(
    names: list[str], labelled: bool, splits: str | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make(root, names)
        surveyed = survey(root)
        problem = ""
        try:
            listing = list_folder(root, labelled, splits, with_strays=True)
        except UserError as error:
            problem = str(error)
        if problem:
            with pytest.raises(UserError) as raised:
                surveyed.listing(labelled, splits)
            # What is named as an example, such as an image of a class, may be another.
            assert str(raised.value).split("'")[::2][:2] == problem.split("'")[::2][:2]
            return
        short = surveyed.listing(labelled, splits)
        walked = list(in_order(surveyed, short))
    assert (short.classes, short.notes) == (listing.classes, listing.notes)
    assert [path for path, _ in walked] == sorted(listing.names, key=order)
    label = listing.label or [UNLABELLED] * len(listing.names)
    known = {name: (None if number == UNLABELLED else listing.classes[number], split)
             for name, number, split
             in zip(listing.names, label, listing.split, strict=True)}  # fmt: skip
    has_splits = len(set(listing.split)) > 1
    for path, place in walked:
        assert place.label == known[path][0]
        assert place.split == (known[path][1] if has_splits else None)


def test_a_linked_folder_is_walked_where_it_was_read(tmp_path: Path) -> None:
    make(tmp_path, ["photos/b/1.png", "photos/b/c/2.png", "elsewhere/3.png"])
    (tmp_path / "photos" / "a").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos" / "b" / "again").symlink_to(tmp_path / "photos")
    surveyed = survey(tmp_path / "photos")
    walked = [path for path, _ in in_order(surveyed, surveyed.listing(False, None))]
    assert walked == ["a/3.png", "b/1.png", "b/c/2.png"]


def test_a_folder_that_goes_meanwhile_is_an_error_and_not_empty(tmp_path: Path) -> None:
    make(tmp_path, ["a/1.png", "b/2.png"])
    surveyed = survey(tmp_path)
    walk = in_order(surveyed, surveyed.listing(True, None))
    assert next(walk)[0] == "a/1.png"
    os.rename(tmp_path / "b", tmp_path / "gone")
    with pytest.raises(UserError, match=r"b' can no longer be read .*the index is as it was"):
        list(walk)


def test_a_folder_without_images_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that nobody may read, which refused all the others."""
    make(tmp_path, ["a/1.png", "notes/x.txt", "b/2.png"])
    surveyed = survey(tmp_path)
    read = list[str]()

    def names(folder: Path) -> list[str]:
        read.append(folder.name)
        return [path.name for path in sorted(folder.iterdir())]

    monkeypatch.setattr(ordered, "image_names", names)
    found = [path for path, _ in in_order(surveyed, surveyed.listing(True, None))]
    assert found == ["a/1.png", "b/2.png"]
    assert read == ["a", "b"]
