"""Own hard examples: recall and precision, and what is wrong in a table."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from handloom.cli.main import main
from handloom.errors import UserError
from handloom.search.evaluation import score_queries
from handloom.search.index import Index
from handloom.search.refresh import Refreshed

Run = Callable[..., tuple[Index, Refreshed]]


def table(folder: Path, *rows: str) -> Path:
    path = folder / "queries.csv"
    path.write_text("query,expected\n" + "\n".join(rows) + "\n")
    return path


def test_labels_and_images_are_expected(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed()
    asked = table(
        photos.parent, "photos/red/0.png,red", "photos/red/1.png,blue/0.png",
        "photos/blue/0.png,photos/blue/1.png", "photos/blue/0.png,blue/2.png",
    )  # fmt: skip
    scored = score_queries(index, asked, 4)
    assert [each.query for each in scored] == [
        "photos/red/0.png", "photos/red/1.png", "photos/blue/0.png"
    ]  # fmt: skip
    assert scored[0].right == (True, True, True, True)
    assert scored[0].relevant == 7  # itself is left out
    assert (scored[0].recall, scored[0].precision) == (1.0, 1.0)
    assert (scored[1].recall, scored[1].precision) == (0.0, 0.0)
    many = score_queries(index, asked, 23)
    assert [each.recall for each in many] == [1.0, 1.0, 1.0]
    assert many[0].precision == pytest.approx(7 / 23)
    assert sum(many[2].right) == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("query,wanted\na,b\n", "has no column 'expected'"),
        ("query,expected\n", "has no rows"),
        ("query,expected\nphotos/red/0.png,\n", "line 2 of .* is not complete"),
        ("query,expected\nphotos/red/0.png,rde\n", "line 2 .* expects 'rde'.* mean 'red'"),
        ("query,expected\nphotos/red/77.png,red\n", "line 2 of .*does not exist"),
    ],
)
def test_what_is_wrong_in_a_table_is_one_sentence(
    refreshed: Run, photos: Path, content: str, sentence: str
) -> None:
    index, _ = refreshed()
    (photos.parent / "queries.csv").write_text(content)
    with pytest.raises(UserError, match=sentence):
        score_queries(index, photos.parent / "queries.csv", 4)


def test_the_command_shows_failures_side_by_side(
    refreshed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    refreshed()
    monkeypatch.chdir(photos.parent)
    table(photos.parent, "photos/red/0.png,red", "photos/red/1.png,blue/0.png")
    assert main(["evaluate", "photos", "queries.csv", "-k", "4", "--plot", "failed.png"]) == 0
    printed = capsys.readouterr()
    assert "2 queries: recall@4 0.500, precision@4 0.500; 1 found all" in printed.out
    with Image.open("failed.png") as sheet:
        assert sheet.width > 6 * 180
    assert main(["evaluate", "photos.index", "queries.csv", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["recall"] for each in records] == [1.0, 0.0]
    assert len(records[0]["results"]) == 5
