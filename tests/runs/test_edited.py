"""Corrections that a person wrote outlast a new report and another training."""

from pathlib import Path

import pytest

from handloom.runs.directory import RunDirectory
from handloom.runs.edited import carried_over, has_corrections

HEADER = "file,content,label,correction\r\n"
NEW = HEADER + 'a.png,c1,x,\r\n"b, 2.png",c2,y,\r\n'


def test_they_go_to_the_same_lines_and_others_come_last() -> None:
    old = HEADER + '"b, 2.png",c2,y,x\r\nz.png,c9,x,drop\r\na.png,other,x,y\r\nq.png,c5,x,\r\n'
    assert carried_over(NEW, old) == (
        HEADER + 'a.png,c1,x,\r\n"b, 2.png",c2,y,x\r\nz.png,c9,x,drop\r\na.png,other,x,y\r\n'
    )


@pytest.mark.parametrize(
    "old", ["", HEADER, NEW, "text,actual\nfine,1\n", "correction\n", "\x00;;\n", 'a,"b\nc']
)
def test_nothing_to_carry_over(old: str) -> None:
    assert carried_over(NEW, old) == NEW
    assert not has_corrections(old)


def test_as_a_spreadsheet_saves_it() -> None:
    old = "\ufefffile;content;label;correction\r\na.png;c1;x;y\r\n"
    assert "a.png,c1,x,y\r\n" in carried_over(NEW, old)


def test_a_run_keeps_them(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.write_mistakes(NEW)
    path = tmp_path / "mistakes.csv"
    path.write_text(NEW.replace("c1,x,", "c1,x,y"))
    run.write_mistakes(NEW)
    assert "c1,x,y" in path.read_text()
    run.restart()
    assert "c1,x,y" in path.read_text()
    path.write_text(NEW)
    run.restart()
    assert not path.exists()
