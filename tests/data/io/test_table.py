"""Tables: the same cells from every format, encoding and separator; errors name the row."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.data.io.table import read_table, with_header_as_row
from handloom.errors import UserError

NAMES = ["image", "label"]
CELLS = [["a/1.jpg", "café"], ["b, 2.jpg", "no; dog"], ["c.jpg", ""]]


def separated(separator: str) -> str:
    rows = [NAMES, *CELLS]
    return "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows) + "\r\n"


def lines() -> str:
    return "\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in CELLS)


def array() -> str:
    return json.dumps([dict(zip(NAMES, row, strict=True)) for row in CELLS], indent=1)


CONTENT = {
    "a.csv": separated(",").encode(),
    "b.csv": separated(";").encode("utf-8-sig"),
    "c.csv": separated("\t").encode("utf-16"),
    "d.tsv": separated("\t").encode(),
    "e.CSV.gz": gzip.compress(separated(",").encode()),
    "f.jsonl": lines().encode(),
    "g.ndjson.gz": gzip.compress(lines().encode()),
    "h.json": array().encode("utf-8-sig"),
    "i.json.gz": gzip.compress(array().encode()),
}


@pytest.mark.parametrize("name", CONTENT)
def test_formats(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CONTENT[name])
    table = read_table(tmp_path / name)
    assert table.names == NAMES
    assert [list(row) for row in zip(*table.columns, strict=True)] == CELLS
    assert table.rows == ([1, 2, 3] if "j" in name else [2, 3, 4])


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {"image": ["a", None], "label": [1, 2], "box": [[1, 2], [3]]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert (table.names, table.columns) == (["image", "label"], [["a", ""], ["1", "2"]])


def test_no_header(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a.jpg,cat\nb.jpg,dog\n")
    table = with_header_as_row(read_table(tmp_path / "t.csv"))
    assert table.names == ["1", "2"]
    assert table.columns == [["a.jpg", "b.jpg"], ["cat", "dog"]]
    assert table.rows == [1, 2]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"a,b\n1,2\n1,2,3\n", "line 3 of .* has 3 fields"),
        ("t.jsonl", b'{"a": 1}\n\n[1]\n', "line 3 of .* not a JSON object"),
        ("t.json", b'[{"a": 1}, [1]]', "2 of .* not a JSON object"),
        ("t.json", b'{"a": [1]}', "must be an array of objects"),
        ("t.json", b"[]", "must be an array of objects"),
        ("t.json", b'[{"a": 1}', "is not JSON"),
        ("t.csv", b"a,b\nJos\xe9,1\n", "is not UTF-8"),
        ("t.csv.gz", b"a,b\n1,2\n", "cannot be read as a table"),
        ("t.parquet", b"PAR1", "cannot be read as a table"),
    ],
)
def test_errors(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_table(tmp_path / name)


def test_encoding(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("a\nJosé\n".encode("cp1252"))
    assert read_table(tmp_path / "t.csv", "cp1252").columns == [["José"]]
    with pytest.raises(UserError, match="no encoding 'utf-9'"):
        read_table(tmp_path / "t.csv", "utf-9")


@given(
    st.binary(max_size=200), st.sampled_from(["noise.csv", "noise.tsv", "noise.jsonl", "a.json"])
)
def test_any_bytes_give_columns_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    try:
        table = read_table(path)
    except UserError:
        return
    assert {len(column) for column in table.columns} <= {len(table)}


def test_an_array_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handloom.data.io.table.MOST_LETTERS", 10)
    (tmp_path / "t.json").write_text('[{"a": 1}, {"a": 2}]')
    with pytest.raises(UserError, match=r"save it as JSON lines"):
        read_table(tmp_path / "t.json")
