"""CSV and TSV as people write them: nothing merges, nothing shifts, nothing vanishes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.data.io.delimited import read_records

CELLS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\0\x1c\x1d\x1e\x85"),
    max_size=12,
)


@given(st.lists(st.tuples(CELLS, CELLS, st.sampled_from("ab")), min_size=1, max_size=8))
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, str, str]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["text", "more", "target"])
    writer.writerows(rows)
    records = read_records(file.getvalue(), ".csv")
    assert records.rows == [[cell.strip() for cell in row] for row in rows]
    assert not records.left_out


@given(st.lists(CELLS.map(lambda t: t.replace("\t", " ").replace("\n", " ")), max_size=12))
def test_a_tsv_without_quoting_keeps_every_row(texts: list[str]) -> None:
    """Whatever marks the texts hold: classes recur, so no quotation swallows a row."""
    lines = [f"{text}\t{'ab'[i % 2]}" for i, text in enumerate(["one", "two", *texts])]
    records = read_records("\n".join(["text\ttarget", *lines]), ".tsv")
    assert [row[1] for row in records.rows] == [line[-1] for line in lines]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('t\tc\na\tx\n"b\ty\nc\tx\nd"\ty\n', [["a", "x"], ['"b', "y"], ["c", "x"], ['d"', "y"]]),
        ('t,c\nyes,x\n"open,y\nlast,x\n', [["yes", "x"], ['"open', "y"], ["last", "x"]]),
        ('t;c\n5" disk;x\n3" tape;y\n', [['5" disk', "x"], ['3" tape', "y"]]),
        ('t,c\n"two\nlines, here",x\nb,y\n', [["two\nlines, here", "x"], ["b", "y"]]),
        ('t,c\n"say ""hi"", do",x\n', [['say "hi", do', "x"]]),
        ('t,c\n"say \\"hi\\", do",x\n', [['say "hi", do', "x"]]),
        ("t,c,\na,x,\nb,y,,,\n", [["a", "x", ""], ["b", "y", ""]]),
        ("# made by a program\nt|c\na, b|x\n", [["a, b", "x"]]),
        ('t, c\n"a, b", x\n', [["a, b", "x"]]),
        ("\n\nt,c\n\na,x\n\n", [["a", "x"]]),
    ],
)
def test_rows(text: str, rows: list[list[str]]) -> None:
    suffix = ".tsv" if "\t" in text else ".csv"
    records = read_records(text, suffix)
    assert records.rows == rows
    assert not records.left_out


def test_rows_of_another_width_are_named() -> None:
    records = read_records("t,c\na,x\nb\nc,y,z\nd,x\n", ".csv")
    assert [row[0] for row in records.rows] == ["a", "d"]
    assert [(row.line, row.reason) for row in records.left_out] == [
        (3, "has 1 field, the header has 2"),
        (4, "has 3 fields, the header has 2"),
    ]
    assert records.lines == [2, 5]


def test_a_header_with_commas_in_a_tsv() -> None:
    records = read_records("t\tc\tnotes (a, b, c, d)\nx\ty\tz\n", ".tsv")
    assert records.names == ["t", "c", "notes (a, b, c, d)"]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_the_line_that_excel_puts_first(first: str) -> None:
    records = read_records(f"{first}\ntext;label\na, b;x\n", ".csv")
    assert (records.names, records.rows) == (["text", "label"], [["a, b", "x"]])
    assert read_records("sepal,label\n1,x\n", ".csv").names == ["sepal", "label"]
