"""Image files that a user names, before they are decoded."""

from pathlib import Path

from handloom.data.images.listing.input_files import files_below, single_files
from handloom.data.images.reading import Reading


def silent(what: str, done: int, total: int) -> None:
    pass


def test_a_folder_with_classes_and_splits(tmp_path: Path, shapes: Path) -> None:
    for split in ("train", "test"):
        for name in ("red", "blue"):
            target = tmp_path / split / name / "a.png"
            target.parent.mkdir(parents=True)
            target.write_bytes((shapes / name / f"{len(split)}.png").read_bytes())
    files = files_below(tmp_path, tmp_path, Reading(), silent)
    assert len(files.paths) == len(files.digests) == 4
    assert set(files.splits) == {"train", "test"}
    assert sorted(set(map(str, files.labels))) == ["blue", "red"]
    assert f"{tmp_path}/test/red/a.png" in files.names
    assert all(len(digest) == 32 for digest in files.digests)


def test_a_folder_without_classes(tmp_path: Path, shapes: Path) -> None:
    (tmp_path / "a.png").write_bytes((shapes / "red" / "0.png").read_bytes())
    files = files_below(tmp_path, tmp_path, Reading(), silent)
    assert files.labels == files.splits == [None]


def test_single_files(tmp_path: Path, shapes: Path) -> None:
    files = single_files([shapes / "red" / "0.png", tmp_path / "none.png"], silent)
    assert files.names == [str(shapes / "red" / "0.png"), str(tmp_path / "none.png")]
    assert files.digests[0]
    assert files.digests[1] == ""
