"""What an input to predict is taken for, and options that do nothing for the texts at hand."""

from pathlib import Path

import pytest

from handloom.data.text.rows import TextReading
from handloom.data.text.source import read_rows
from handloom.jobs.text_classifier.config import Config
from handloom.jobs.text_classifier.reading import cut_of, labelled_texts, names_data


@pytest.mark.parametrize(
    "given", ["reviws.csv", ".", "./notes", "/no/such/place", "my texts.tsv", "a.jsonl.gz", "~/x"]
)
def test_what_looks_like_a_path(given: str) -> None:
    assert names_data(given)


@pytest.mark.parametrize(
    "given",
    [
        "a film",
        "it is 5/10, no more",
        "and/or",
        "see a.csv for it",
        "... what?",
        "x" * 5000,
        "a\0b",
    ],
)
def test_what_is_a_text(given: str) -> None:
    assert not names_data(given)


def test_what_exists_is_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not names_data("notes")
    (tmp_path / "notes").write_text("a text")
    assert names_data("notes")


def test_shares_of_splits_that_the_data_have_are_noted(tmp_path: Path) -> None:
    rows = [f"text {i} of many,{i % 2},{'test' if i > 30 else 'train'}" for i in range(40)]
    table = tmp_path / "t.csv"
    table.write_text("text,target,split\n" + "\n".join(rows) + "\n")
    config = Config(test_share=0.2, validation=0.1)
    notes = labelled_texts(config, str(table), cut_of(config)).notes
    assert "--test-share 0.2 is not used: the data have a test split" in notes
    assert not [note for note in notes if "validation 0.1 is not used" in note]


def test_columns_of_a_folder_are_noted(tmp_path: Path) -> None:
    for kind in ("a", "b"):
        (tmp_path / kind).mkdir()
        for i in range(3):
            (tmp_path / kind / f"{i}.txt").write_text(f"text {i} of {kind}")
    given = TextReading(text_column="words", splits="train=a,valid=b")
    rows = read_rows(str(tmp_path), given)
    assert f"--text-column and --splits are not used: '{tmp_path}' is not a table" in rows.notes
    assert any(
        "--splits is not used" in note
        for note in read_rows("pydoc", TextReading(splits="none")).notes
    )


def test_columns_of_a_folder_of_tables_are_used(tmp_path: Path) -> None:
    for split in ("train", "test"):
        (tmp_path / f"{split}.csv").write_text("words,kind\nyes yes,a\nno no,b\n")
    rows = read_rows(str(tmp_path), TextReading(text_column="words", target_column="kind"))
    assert (rows.text[0], rows.target) == ("yes yes", ["a", "b", "a", "b"])
    assert not any("not used" in note for note in rows.notes)
