"""Labelled texts, their splits, and what is wrong with them."""

from pathlib import Path

import pytest

from handloom.data.text.cut import Cut
from handloom.data.text.rows import TextReading
from handloom.data.text.texts import TextSet, load_texts
from handloom.errors import UserError


def table(path: Path, rows: list[str], header: str = "text,target") -> str:
    file = path / "t.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(file)


def load(data: str, **given: float) -> TextSet:
    return load_texts(data, Cut(given.get("validation", 0.2), given.get("test", 0.2)))


def test_splits_are_stratified_and_repetitions_stay_together(tmp_path: Path) -> None:
    rows = [f"text number {i // 2},{i // 2 % 2}" for i in range(200)]
    found = load(table(tmp_path, rows))
    assert found.valid is not None
    assert found.test is not None
    parts = [set(part.text) for part in (found.train, found.valid, found.test)]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    assert abs(found.test.label.float().mean() - 0.5) < 0.1
    assert len(found.train) + len(found.valid) + len(found.test) == 200
    assert any("100 repetitions of texts" in note for note in found.notes)


def test_classes_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    rows = [f"text {i},{i % 11}" for i in range(110)]
    assert load(table(tmp_path, rows)).classes == tuple(map(str, range(11)))


def test_a_split_column_wins(tmp_path: Path) -> None:
    rows = [f"t {i},{i % 2},{['train', 'valid', 'test'][i % 3]}" for i in range(60)]
    found = load(table(tmp_path, rows, "text,target,split"))
    assert (len(found.train), len(found.valid or ()), len(found.test or ())) == (20, 20, 20)


def test_rows_that_no_split_names_are_said_to_be_left_out(tmp_path: Path) -> None:
    rows = [f"t {i},{i % 2},{'abc'[i % 3]}" for i in range(60)]
    path = table(tmp_path, rows, "text,target,split")
    found = load_texts(path, Cut(0.2, 0.0), TextReading(splits="train=a,test=b"))
    assert found.test is not None
    assert len(found.test) == 20
    assert "left out 20 rows: not named by --splits" in found.notes


def test_the_tutorial_takes_the_first_share_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = [f"t {i:02},{i % 2}" for i in range(50)]
    found = load_texts(table(tmp_path, rows), Cut(0.2, 0.0, 123, in_order=True))
    assert found.train.text == [f"t {i:02}" for i in range(40)]
    assert found.test is None
    by_class = [f"t {i:02},{i // 25}" for i in range(50)]  # as in rt-polarity
    found = load_texts(table(tmp_path, by_class), Cut(0.2, 0.0, 123, in_order=True))
    assert found.valid is not None
    assert [part.label.bincount().tolist() for part in (found.train, found.valid)] == [
        [20, 20], [5, 5]
    ]  # fmt: skip
    split = [f"{row},{'test' if i < 10 else 'train'}" for i, row in enumerate(rows)]
    found = load_texts(
        table(tmp_path, split, "text,target,split"), Cut(0.2, 0.0, 123, in_order=True)
    )
    assert found.test is not None
    assert found.test.text == [f"t {i:02}" for i in range(10)]
    assert found.train.text == [f"t {i:02}" for i in range(10, 42)]


def test_splits_with_files_of_their_own(tmp_path: Path) -> None:
    rows = [f"t {i},{i % 2}" for i in range(40)]
    (tmp_path / "v.tsv").write_text("label\treview\n0\tv one\n1\tv two\n")
    (tmp_path / "w.jsonl").write_text('{"text": "w one", "target": 1}\n')
    cut = Cut(valid_file=str(tmp_path / "v.tsv"), test_file=str(tmp_path / "w.jsonl"))
    found = load_texts(table(tmp_path, rows), cut)
    assert len(found.train) == 40
    assert found.valid is not None
    assert found.valid.text == ["v one", "v two"]
    assert found.test is not None
    assert found.test.text == ["w one"]
    split = [f"{row},{'test' if i < 10 else 'train'}" for i, row in enumerate(rows)]
    with pytest.raises(UserError, match="a test split of its own"):
        load_texts(table(tmp_path, split, "text,target,split"), cut)


def test_leaks_and_contradictions_are_named(tmp_path: Path) -> None:
    rows = [f"t {i},{i % 2},train" for i in range(30)]
    rows += ["T  3,1,test", "t 4,1,test", "new,0,test"]
    data = table(tmp_path, rows, "text,target,split")
    notes = load(data, validation=0.0, test=0.0).notes
    assert any("2 texts of test are also in train" in note for note in notes)
    assert any("1 text with contradictory labels, such as 't 4'" in note for note in notes)
    assert not any("kept on one side" in note for note in notes)


def test_empty_texts_are_left_out_and_said(tmp_path: Path) -> None:
    rows = [f"t {i},{i % 2}" for i in range(30)] + [",1", "x,"]
    found = load(table(tmp_path, rows))
    assert any("2 rows without text or target (first: line 32)" in note for note in found.notes)
    with pytest.raises(UserError, match="2 rows without text"):
        load_texts(table(tmp_path, rows), Cut(), TextReading(strict=True))


@pytest.mark.parametrize(("train", "test"), [("00", "01"), ("1111", "00"), ("", "0101")])
def test_a_training_part_of_one_class_is_refused(tmp_path: Path, train: str, test: str) -> None:
    rows = [f"t {i},{kind},train" for i, kind in enumerate(train)]
    rows += [f"u {i},{kind},test" for i, kind in enumerate(test)]
    with pytest.raises(UserError, match=r"left for training are of . class.*--validation"):
        load(table(tmp_path, rows, "text,target,split"))


@pytest.mark.parametrize(
    ("rows", "header", "sentence"),
    [
        (["a,1", "b,1"], "text,target", r"only one class \('1'\)"),
        (["a,1"], "title,target", "no column for the text"),
        (["a,1"], "text,stars", "no column for the target"),
        ([",1", ",0"], "text,target", "no text with a target"),
    ],
)
def test_refusals(tmp_path: Path, rows: list[str], header: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        load(table(tmp_path, rows, header))


def test_missing_files_and_other_encodings(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        load(str(tmp_path / "none.csv"))
    with pytest.raises(UserError, match="holds no labelled texts"):
        load(str(tmp_path))
    path = tmp_path / "latin.csv"
    path.write_bytes("text,target\ncafé,1\nthé,0\n".encode("latin-1") * 1)
    with pytest.raises(UserError, match=r"is not UTF-8.*--encoding"):
        load(str(path))
    found = load_texts(str(path), Cut(0.0, 0.0), TextReading("latin-1"))
    assert sorted(found.train.text) == ["café", "thé"]
