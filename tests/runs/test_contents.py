"""Corrections that a person wrote outlast another training, and JSON is read as far as needed."""

from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.runs.contents import has_corrections, read_json
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


HEAD = '{\n  "job": "a \\"b\\": {",\n  "data" : {"x": [1, "}"]}\n, "epochs": null,'


def test_what_comes_after_the_members_that_are_asked_for_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(HEAD + '"tokenizer": not decoded}\n', encoding="utf-8")
    head = {"job": 'a "b": {', "data": {"x": [1, "}"]}, "epochs": None}
    assert read_json(path, until=("data", "job", "epochs")) == head
    assert read_json(path, until=("job",)) == {"job": 'a "b": {'}
    with pytest.raises(UserError, match="cannot be read"):
        read_json(path, until=("job", "tokenizer"))


def test_members_in_any_order_are_all_found(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    for text in ('{"b": 1, "a": 2}', '{"b": 1, "a": 2, "c": 3}', '{"a": 2}', "{}"):
        path.write_text(text, encoding="utf-8")
        content = read_json(path)
        found = read_json(path, until=("a", "missing"))
        assert found == content
        assert read_json(path, until=("a",)).get("a") == content.get("a")


@pytest.mark.parametrize("cut", [1, 30, -2])
def test_a_file_that_ends_early_is_damaged(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text((HEAD + '"tokenizer": {"a": 1}}')[:cut], encoding="utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        read_json(path, until=("job",))
