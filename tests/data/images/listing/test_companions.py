"""Masks, runs and empty folders among images; folders that only look like classes."""

import os
from pathlib import Path

import pytest

from handloom.data.images.listing.companions import masks
from handloom.data.images.listing.folder import NoLabels, list_folder
from handloom.errors import UserError
from tests.data.conftest import Draw
from tests.data.images.listing.test_layout import make


@pytest.mark.parametrize(
    ("names", "masked"),
    [
        (["a/1.jpg", "a/1_mask.png", "a/1_mask_1.png"], {"a/1_mask.png", "a/1_mask_1.png"}),
        (["a/x (1).png", "a/x (1)_mask.png"], {"a/x (1)_mask.png"}),
        (["a/7.tif", "a/7-GT.tif", "a/7.seg.png"], {"a/7-GT.tif", "a/7.seg.png"}),
        (["with/1_mask.jpg", "without/1.jpg"], set()),  # faces with a mask
        (["a/1_mask.jpg", "a/2_mask.jpg"], set()),
        (["a/mustang.jpg", "a/mustang_gt.jpg", "a/focus.jpg"], set()),  # cars
        (["a/911.jpg", "a/911_gt3.jpg"], set()),
        (["crack/1.png", "crack/1_mask.png", "good/1.png", "good/2.png"], {"crack/1_mask.png"}),
        (["a/1.jpg", "a/1unmask.jpg"], set()),
    ],
)  # fmt: skip
def test_masks_beside_their_images(names: list[str], masked: set[str]) -> None:
    assert masks(names) == masked


def test_masks_are_left_out_and_said(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "benign", "malignant", count=3)
    for path in list(tmp_path.rglob("*.png")):
        path.with_name(f"{path.stem}_mask.png").write_bytes(path.read_bytes())
    for labelled in (True, False):
        listing = list_folder(tmp_path, labelled)
        assert len(listing.paths) == 6
        assert any("6 files named as masks of the images" in note for note in listing.notes)


@pytest.mark.parametrize(
    "folders",
    [
        ("train2017", "val2017", "notes"),
        ("seg_train/a", "seg_test/a", "seg_pred"),
        ("flowers-Training/a", "flowers-Validation/a"),
        ("train_1", "test_1"),
        ("fold0/a", "fold0/b", "fold1/a", "fold1/b"),
        ("Fold_1", "Fold_2", "Fold_3"),
    ],
)
def test_names_that_look_like_splits_stop(
    tmp_path: Path, draw: Draw, folders: tuple[str, ...]
) -> None:
    make(tmp_path, draw, *folders, count=2)
    for labelled in (True, False):
        with pytest.raises(UserError, match=r"look like (splits|folds) .*--splits train="):
            list_folder(tmp_path, labelled)
    outer = {folder.split("/")[0] for folder in folders}
    assert set(list_folder(tmp_path, True, "none").classes) == outer


@pytest.mark.parametrize("names", [("latest", "fastest"), ("test-1", "test-2"), ("part1", "part2")])
def test_other_names_stay_classes(tmp_path: Path, draw: Draw, names: tuple[str, str]) -> None:
    listing = list_folder(make(tmp_path, draw, *names, count=2), True)
    assert set(listing.classes) == set(names)


def test_split_folders_that_hold_a_folder_of_their_name(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "seg_train/seg_train/a", "seg_train/seg_train/b", "seg_test/seg_test/a")
    listing = list_folder(tmp_path, True, "train=seg_train,test=seg_test")
    assert listing.classes == ("a", "b")


def test_images_beside_boxes_have_no_class(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "train/images", "valid/images")
    with pytest.raises(NoLabels, match="has images but no class folders"):
        list_folder(tmp_path, True)
    assert list_folder(tmp_path, False).label is None


@pytest.mark.parametrize("lead", ["", "train/", "set/"])
def test_folders_without_images_are_named(tmp_path: Path, draw: Draw, lead: str) -> None:
    make(tmp_path, draw, *(f"{lead}{name}" for name in "ab"))
    if lead == "train/":
        make(tmp_path, draw, "val/a", "val/b")
    (tmp_path / lead / "owl").mkdir()
    (tmp_path / lead / "fox").mkdir()
    (tmp_path / lead / "fox" / "1.dcm").write_bytes(b"x")
    listing = list_folder(tmp_path, True)
    assert [tuple(part)[:3] for part in listing.left_out] == [
        (f"{lead}fox and {lead}owl", 0, "no image in it")
    ]


def test_runs_in_the_folder_of_the_data_are_no_data(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "a", "b", "runs/classifier-1/samples", count=2)
    for name in ("config.json", "status.json"):
        (tmp_path / "runs" / "classifier-1" / name).write_text("{}")
    listing = list_folder(tmp_path, True)
    assert listing.classes == ("a", "b")
    assert [tuple(part)[:3] for part in listing.left_out] == [
        ("runs/classifier-1", 2, "a run of Handloom")
    ]


def test_classes_that_hold_the_same_folders_are_asked_about(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "2019/ok", "2019/defect", "2020/ok", "2020/defect", count=2)
    assert "holds the same folders ('defect' and 'ok')" in " ".join(
        list_folder(tmp_path, True).notes
    )
    make(tmp_path, draw, "2020/other", count=2)
    assert "same folders" not in " ".join(list_folder(tmp_path, True).notes)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_is_no_image(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "a", "b", count=2)
    os.mkfifo(tmp_path / "a" / "pipe.png")
    assert len(list_folder(tmp_path, True).paths) == 4


def test_splits_without_images_are_named_once(tmp_path: Path, draw: Draw) -> None:
    make(tmp_path, draw, "train/a", "train/b", count=2)
    for name in ("val", "test/a", "train/c"):
        (tmp_path / name).mkdir(parents=True)
    (left_out,) = list_folder(tmp_path, True).left_out
    assert left_out.what == "test, val and train/c"
