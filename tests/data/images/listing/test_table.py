"""CSV and Parquet tables: what they name is found, what is wrong is said in one sentence."""

from dataclasses import replace
from pathlib import Path

import pytest

from handloom.data.images.listing import places
from handloom.data.images.listing.table import list_table
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.errors import UserError
from tests.data.conftest import Draw

HEADER = "image,label\n"


def rows(photos: Path) -> list[tuple[str, str]]:
    paths = sorted(path for path in photos.rglob("*") if path.suffix in (".jpg", ".png"))
    return [
        (path.relative_to(photos).as_posix(), f"kind {len(path.parts) % 2}, {path.parent.name}")
        for path in paths
    ]


def write(path: Path, content: list[tuple[str, str]]) -> Path:
    path.write_text(
        HEADER + "".join(f'{image},"{label}"\n' for image, label in content), encoding="utf-8"
    )
    return path


def test_csv(photos: Path) -> None:
    found = load(write(photos / "table.csv", rows(photos)))
    assert len(found.train) == 24
    assert set(found.train.classes) == {label for _, label in rows(photos)}
    assert "cat/0.jpg" in found.train.names + (found.valid.names if found.valid else ())


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_spreadsheets(photos: Path, delimiter: str) -> None:
    lines = [f"Image{delimiter}Label"] + [delimiter.join(row) for row in rows(photos)]
    (photos / "table.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    assert len(list_table(photos / "table.csv", labelled=True).paths) == 30


def test_parquet_is_the_same_set(photos: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    content = rows(photos)
    table = pyarrow.table(
        {"image": [a for a, _ in content], "label": [b for _, b in content], "other": [1.0] * 30}
    )
    parquet.write_table(table, photos / "table.parquet")
    left = load(write(photos / "table.csv", content))
    right = load(photos / "table.parquet")
    assert left.fingerprint == right.fingerprint
    assert left.train.names == right.train.names


def test_numbers_as_labels_in_parquet(photos: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    names = [name for name, _ in rows(photos)]
    parquet.write_table(
        pyarrow.table({"image": names, "label": [i % 3 for i in range(30)]}), photos / "t.parquet"
    )
    assert list_table(photos / "t.parquet", labelled=True).classes == ("0", "1", "2")


def test_split_column(photos: Path) -> None:
    splits = ["train", "valid", "test"]
    lines = [f"{name},{name[:3]},{splits[i % 3]}" for i, (name, _) in enumerate(rows(photos))]
    (photos / "t.csv").write_text("image,label,split\n" + "\n".join(lines))
    found = load(photos / "t.csv")
    assert found.valid is not None
    assert found.test is not None
    assert len(found.train) == len(found.valid) == len(found.test) == 10


def test_splits_of_a_table_without_such_a_column_are_refused(photos: Path) -> None:
    path = write(photos / "t.csv", rows(photos))
    with pytest.raises(UserError, match=r"--splits train=a,test=b: .* has no column of splits"):
        load(path, Reading(splits="train=a,test=b"))
    assert len(load(path, Reading(splits="none"), validation=0).train) == 30


def test_a_folder_is_listed_once_for_all_names_without_a_suffix(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[Path] = []
    stems = places._stems
    monkeypatch.setattr(places, "_stems", lambda folder: listed.append(folder) or stems(folder))
    names = [str(Path(name).with_suffix("")) for name, _ in rows(photos)]
    found = places.Places(photos / "t.csv", names, None)
    assert all(found.find(name)[0] for name in names)
    assert len(listed) == len(set(listed)) < len(names)


def test_missing_files_are_named(photos: Path) -> None:
    content = [*rows(photos), ("gone.png", "kind 0, cat"), ("", "x"), ("cat/0.jpg", "")]
    found = load(write(photos / "table.csv", content))
    assert [tuple(broken) for broken in found.broken] == [
        ("gone.png", "no such file"),
        ("row 33", "its path is empty"),
    ]
    assert "its label" not in str(found.broken)
    with pytest.raises(UserError, match="2 broken images"):
        load(photos / "table.csv", strict=True)


def test_paths_stay_in_the_folder_unless_absolute(photos: Path, tmp_path: Path) -> None:
    inner = photos / "cat"
    content = [(name.name, "a") for name in sorted(inner.iterdir())]
    content += [
        ("../dog/0.jpg", "b"),
        (str(photos / "dog" / "1.png"), "b"),
        (str(photos / "owl" / "0.jpg"), "b"),
    ]
    listing = list_table(write(inner / "table.csv", content), labelled=True)
    assert [tuple(broken) for broken in listing.broken] == [
        ("../dog/0.jpg", "its path leaves the folder of the table")
    ]
    assert len(listing.paths) == 12


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("thing,label\na.png,x\n", "no column 'image' .*'thing', 'label'"),
        ("thing,kind\na,x\n", "'image' and 'label' .*'thing', 'kind'.* and --label-column"),
        ("image\na.png\n", "no column of labels"),
        (HEADER, "has no rows"),
        (HEADER + "a.png,x\nb.png,y\n", "none of the 2 images"),
        (HEADER + "a.png,x,y\n", "line 2 has 3 fields"),
        (HEADER + 'a.png,"x\n', "none of the 1 image"),
    ],
)
def test_errors(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        load(path)


def test_one_class(photos: Path) -> None:
    content = [(name, "all") for name, _ in rows(photos)]
    with pytest.raises(UserError, match="only one class"):
        load(write(photos / "table.csv", content))


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_noise(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes(range(256)) * 9)
    with pytest.raises(UserError, match=r"cannot be read as a table|is not UTF-8|no column"):
        load(tmp_path / name)


def test_other_files(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("x")
    with pytest.raises(UserError, match="a single file"):
        load(tmp_path / "a.xlsx")


@pytest.mark.parametrize("kind", ["struct", "binary", "list"])
def test_parquet_that_holds_the_images_themselves_is_refused(photos: Path, kind: str) -> None:
    """As Hugging Face writes image data sets; or bytes alone; or several images a row."""
    import pyarrow
    from pyarrow import parquet

    content = (photos / "cat" / "1.png").read_bytes()
    image = {"struct": {"bytes": content, "path": "1.png"}, "binary": content, "list": ["1.png"]}
    table = pyarrow.table({"image": [image[kind]] * 3, "label": ["a", "b", "a"]})
    parquet.write_table(table, photos / "t.parquet")
    with pytest.raises(UserError, match="holds the images themselves in its column 'image'"):
        list_table(photos / "t.parquet", labelled=True)


def test_parquet_with_lists_as_labels_is_refused(photos: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.table({"image": ["cat/1.png", "cat/3.png"], "label": [["a", "b"], ["a"]]})
    parquet.write_table(table, photos / "t.parquet")
    with pytest.raises(UserError, match="'label': lists or records"):
        list_table(photos / "t.parquet", labelled=True)
    assert list_table(photos / "t.parquet", labelled=False).label is None


@pytest.mark.parametrize("column", ["patient_id", "Subject", "video no"])
def test_a_column_of_patients_is_named(photos: Path, column: str) -> None:
    rows = [f"{kind}/{n}.{'png' if n % 2 else 'jpg'},{kind},{n // 3}"
            for kind in ("cat", "owl") for n in range(10)]  # fmt: skip
    table = photos / "t.csv"
    table.write_text("\n".join([f"image,label,{column}", *rows]))
    divided = Reading(divides=True)
    assert f"--group {column} keeps" in " ".join(list_table(table, True, divided).notes)
    grouped = replace(divided, group=column)
    assert not any("--group" in note for note in list_table(table, True, grouped).notes)
    assert not any("--group" in note for note in list_table(table, True).notes)  # to be predicted
    table.write_text(
        "\n".join([f"image,label,{column}", *(f"{row}{n}" for n, row in enumerate(rows))])
    )
    alone = list_table(table, True, divided)  # one image each
    assert not any("--group" in note for note in alone.notes)


@pytest.mark.parametrize("root", ["C:\\Users\\me", "/home/nobody/data", "\\\\server\\share"])
def test_absolute_paths_of_another_machine(photos: Path, root: str) -> None:
    (photos / "t.csv").write_text(f"image,label\n{root}/cat/1.png,a\n{root}/owl/1.png,b\n")
    with pytest.raises(UserError, match="an absolute path of another place; make it relative"):
        list_table(photos / "t.csv", True)


@pytest.mark.parametrize(
    ("name", "folders", "expected"),
    [
        ("train.csv", ("train", "test"), "train"),
        ("test.csv", ("train", "test"), "test"),
        ("Training.csv", ("train_images", "test_images", "other"), "train_images"),
        ("birds.csv", ("birds", "fish"), "birds"),
        ("labels.csv", ("photos",), "photos"),
    ],
)
def test_numbers_name_images_of_the_folder_that_is_called_like_the_table(
    tmp_path: Path, draw: Draw, name: str, folders: tuple[str, ...], expected: str
) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
        for number in range(4):
            draw(number).save(tmp_path / folder / f"{number}.png")
    table = tmp_path / name
    table.write_text("id,label\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(4)))
    listing = list_table(table, True)
    assert [path.parent.name for path in listing.paths] == [expected] * 4
    assert listing.names == ("0", "1", "2", "3")
    assert any(f"start from '{tmp_path / expected}'" in note for note in listing.notes)


def test_which_folder_is_meant_stays_a_question_where_none_is_called_so(
    tmp_path: Path, draw: Draw
) -> None:
    for folder in ("left", "right"):
        (tmp_path / folder).mkdir()
        draw(1).save(tmp_path / folder / "1.png")
    (tmp_path / "t.csv").write_text("image,label\n1,a\n")
    with pytest.raises(UserError, match="in 2 folders below: give --root"):
        list_table(tmp_path / "t.csv", True)
    (tmp_path / "t.csv").write_text("id,label\n77,a\n")
    with pytest.raises(UserError, match=r"has no column 'image' \(it has: .*id"):
        list_table(tmp_path / "t.csv", True)
