"""Labelled texts, their splits, and what is wrong with them."""

from pathlib import Path

import pytest

from handloom.data.text.texts import TextSet, load_texts
from handloom.errors import UserError


def table(path: Path, rows: list[str], header: str = "text,target") -> str:
    file = path / "t.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(file)


def load(data: str, **given: float) -> TextSet:
    return load_texts(data, given.get("validation", 0.2), given.get("test", 0.2), 0, "utf-8-sig")


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


def test_the_tutorial_takes_the_first_share_of_shuffled_texts(tmp_path: Path) -> None:
    data = table(tmp_path, [f"t {i},{i % 2}" for i in range(50)])
    found = load_texts(data, 0.2, 0.0, 123, "utf-8-sig", in_order=True)
    assert len(found.train) == 40
    assert found.test is None
    assert found.train.text != sorted(found.train.text)


def test_empty_texts_are_left_out_and_said(tmp_path: Path) -> None:
    found = load(table(tmp_path, [f"t {i},{i % 2}" for i in range(30)] + [",1", "x,"]))
    assert any("2 rows without text or target" in note for note in found.notes)


@pytest.mark.parametrize(
    ("rows", "header", "sentence"),
    [
        (["a,1", "b,1"], "text,target", r"one class only \('1'\)"),
        (["a,1"], "sentence,target", "no column 'text'"),
        (["a,1"], "text,label", "no column 'target'"),
        ([",1", ",0"], "text,target", "no text with a target"),
    ],
)
def test_refusals(tmp_path: Path, rows: list[str], header: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        load(table(tmp_path, rows, header))


def test_missing_files_and_other_encodings(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        load(str(tmp_path / "none.csv"))
    with pytest.raises(UserError, match="is no table"):
        load(str(tmp_path))
    path = tmp_path / "latin.csv"
    path.write_bytes("text,target\ncafé,1\nthé,0\n".encode("latin-1") * 1)
    with pytest.raises(UserError, match="cannot be read as a table"):
        load(str(path))
    found = load_texts(str(path), 0.0, 0.0, 0, "latin-1")
    assert sorted(found.train.text) == ["café", "thé"]
