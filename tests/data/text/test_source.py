"""Every kind of source becomes the same rows."""

import gzip
import json
from pathlib import Path

import pytest

from handloom.data.text.rows import TextReading
from handloom.data.text.source import read_rows
from handloom.errors import UserError

PAIRS = [("good, really", "yes"), ('a "bad" one', "no"), ("fine", "yes"), ("poor", "no")]


def sources(folder: Path) -> list[Path]:
    quoted = [(t.replace('"', '""'), c) for t, c in PAIRS]
    comma = "text,target\n" + "".join(f'"{t}",{c}\n' for t, c in quoted)
    (folder / "a.csv").write_text(comma)
    (folder / "b.csv.gz").write_bytes(gzip.compress(comma.encode()))
    (folder / "c.tsv").write_text("label\treview\n" + "".join(f"{c}\t{t}\n" for t, c in PAIRS))
    lines = [json.dumps({"sentence": t, "label": c}) for t, c in PAIRS]
    (folder / "d.jsonl").write_text("\n".join(lines))
    (folder / "e.txt").write_text("".join(f"__label__{c} {t}\n" for t, c in PAIRS))
    (folder / "f.csv").write_text("".join(f'{c},"{t}"\n' for t, c in quoted))
    return sorted(folder.iterdir())


def test_sources_agree(tmp_path: Path) -> None:
    for path in sources(tmp_path):
        rows = read_rows(str(path), TextReading())
        assert list(zip(rows.text, rows.target or [], strict=True)) == PAIRS, path


def test_parquet_with_missing_values(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {"text": ["a", "b", None], "label": [1.0, float("nan"), 0.0], "id": [7, 8, 9]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    rows = read_rows(str(tmp_path / "t.parquet"), TextReading())
    assert (rows.text, rows.target) == (["a", "b", ""], ["1", "", "0"])
    assert rows.others == {"id": ["7", "8", "9"]}


@pytest.mark.parametrize("data", ["", "reviws.csv", "no/such/folder", "."])
def test_what_is_not_there(data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"is empty|does not exist|holds no labelled texts"):
        read_rows(data, TextReading())
