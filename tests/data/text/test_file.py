"""Files of texts: what is refused, and in which words."""

from pathlib import Path

import pytest

from handloom.data.text.file import read_file
from handloom.data.text.rows import TextReading
from handloom.errors import UserError


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("t.txt", "__label__a __label__b one\n", "several labels in a cell"),
        ("t.csv", "text,target\na,x\nb\nc,y\n", "strict"),
        ("t.jsonl", '{"text": "a", "label": ["x", "y"]}\n', "holds lists"),
        ("t.pdf", "%PDF", "not a table of texts"),
    ],
)
def test_refusals(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    (tmp_path / name).write_text(content)
    reading = TextReading(strict=sentence == "strict")
    with pytest.raises(UserError, match="line 3" if reading.strict else sentence):
        read_file(tmp_path / name, reading)
