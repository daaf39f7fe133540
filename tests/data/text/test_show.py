"""What is in labelled texts and in running text."""

import json
from pathlib import Path

import pytest

from handloom.data.text.rows import TextReading
from handloom.data.text.show import show_corpus, show_texts
from handloom.errors import UserError

TABLE = """text,target
a fine film,good
a fine film,good
dull,bad
,bad
a long and dull one,bad
"""


def test_labelled_texts(tmp_path: Path) -> None:
    path = tmp_path / "films.csv"
    path.write_text(TABLE)
    record = json.loads(json.dumps(show_texts(str(path), TextReading())))
    assert record["kind"] == "texts"
    assert record["classes"] == ["bad", "good"]
    assert record["splits"] == {"train": {"texts": 4, "classes": {"bad": 2, "good": 2}}}
    assert record["words"] == {"min": 1, "median": 3, "max": 5}
    notes = " ".join(record["notes"])
    assert "left out 1 row without text or target (first: line 5)" in notes
    assert "1 repetition" in notes
    with pytest.raises(UserError, match="no such column"):
        show_texts(str(path), TextReading(target_column="genre"))


def test_running_text(tmp_path: Path) -> None:
    path = tmp_path / "song.txt"
    path.write_text("la la la\nlu", encoding="utf-8")
    record = json.loads(json.dumps(show_corpus(str(path))))
    assert record["characters"] == 11
    assert record["lines"] == 2
    assert record["alphabet"] == "\n alu"
    assert record["rare"] == 5
    assert record["beginning"] == "la la la\nlu"
