"""Corrections that a person wrote outlast another training, however they were saved."""

from pathlib import Path

import pytest

from handloom.runs.contents import has_corrections
from handloom.runs.directory import RunDirectory

HEADER = "file,content,label,correction\r\n"
NONE = HEADER + 'a.png,c1,x,\r\n"b, 2.png",c2,y,\r\n'
SOME = HEADER + 'a.png,c1,x,\r\n"b, 2.png",c2,y,Käse\r\n'


@pytest.mark.parametrize(
    "text", ["", HEADER, NONE, "text,actual\nfine,1\n", "correction\n", "\x00;;\n", 'a,"b\nc']
)
def test_there_are_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mistakes.csv"
    assert not has_corrections(path)
    path.write_text(text, encoding="utf-8", newline="")
    assert not has_corrections(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_as_a_spreadsheet_saves_them(encoding: str, separator: str, tmp_path: Path) -> None:
    path = tmp_path / "mistakes.csv"
    path.write_bytes(SOME.replace('"b, 2.png"', "b.png").replace(",", separator).encode(encoding))
    assert has_corrections(path)


def test_a_new_training_removes_the_table_only_without_them(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.write_mistakes(SOME)
    path = tmp_path / "mistakes.csv"
    path.write_bytes(SOME.encode("utf-16"))
    run.restart()
    assert path.read_bytes() == SOME.encode("utf-16")
    run.write_mistakes(NONE)
    run.restart()
    assert not path.exists()
