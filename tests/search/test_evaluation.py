"""Own hard examples: recall and precision, and what is wrong in a table."""

import json
import shutil
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
    assert (scored[0].recall, scored[0].precision) == (pytest.approx(4 / 7), 1.0)
    assert (scored[1].recall, scored[1].precision) == (0.0, 0.0)
    assert [each.is_best for each in scored] == [True, False, sum(scored[2].right) == 2]
    many = score_queries(index, asked, 23)
    assert [each.recall for each in many] == [1.0, 1.0, 1.0]
    assert many[0].precision == pytest.approx(7 / 23)
    assert sum(many[2].right) == 2


def test_copies_and_rows_that_repeat_count_once(refreshed: Run, photos: Path) -> None:
    shutil.copy(photos / "red" / "1.png", photos / "red" / "copy.png")
    with Image.open(photos / "red" / "2.png") as image:
        image.resize((image.width * 2, image.height * 2)).save(photos / "red" / "larger.png")
    index, _ = refreshed()
    once = table(photos.parent, "photos/red/0.png,red")
    whole = score_queries(index, once, 30)[0]
    assert (whole.recall, sum(whole.right), whole.relevant) == (1.0, 7, 7)
    asked = ["photos/red/0.png,red"] * 2 + ["photos/red/0.png,red/3.png"]
    again = score_queries(index, table(photos.parent, *asked), 30)[0]
    assert (again.recall, again.relevant) == (1.0, 7)
    missed = table(photos.parent, *[f"photos/red/0.png,blue/{number}.png" for number in (0, 0, 1)])
    none = score_queries(index, missed, 3)[0]
    assert (none.recall, none.relevant) == (0.0, 2)
    copies = table(photos.parent, "photos/blue/0.png,red/1.png", "photos/blue/0.png,red/copy.png")
    assert score_queries(index, copies, 3)[0].relevant == 1  # of one content, and not found


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("query,wanted\na,b\n", "has no column 'expected'"),
        ("query,expected\n", "has no rows"),
        ("query,expected\nphotos/red/0.png,\n", "line 2 of .* is not complete"),
        ("query,expected\nphotos/red/0.png,rde\n", "line 2 .* expects 'rde'.* mean 'red'"),
        ("query,expected\nphotos/red/77.png,red\n", "line 2 of .*does not exist"),
        ("query,expected\nphotos/red/0.png,red/0.png\n", "line 2 of .* nothing but the query"),
    ],
)
def test_what_is_wrong_in_a_table_is_one_sentence(
    refreshed: Run, photos: Path, content: str, sentence: str
) -> None:
    index, _ = refreshed()
    (photos.parent / "queries.csv").write_text(content)
    with pytest.raises(UserError, match=sentence):
        score_queries(index, photos.parent / "queries.csv", 4)


def test_words_are_queries_too(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed("wordy")
    asked = table(photos.parent, "something red,red", "red/blue shirts,blue", "blue/33.png,blue")
    with pytest.raises(UserError, match=r"line 4 of .*'blue/33.png' does not exist"):
        score_queries(index, asked, 4)
    asked = table(photos.parent, "something red,red", "blue/green shirts,red")
    first, second = score_queries(index, asked, 4)
    assert (first.answer.words, first.precision) == ("something red", 1.0)
    assert (second.answer.words, second.precision) == ("blue/green shirts", 0.0)


def test_a_folder_is_no_table(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed()
    with pytest.raises(UserError, match="is a folder: give a table"):
        score_queries(index, photos, 4)


def test_the_command_shows_failures_side_by_side(
    refreshed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    refreshed()
    monkeypatch.chdir(photos.parent)
    table(photos.parent, "photos/red/0.png,red", "photos/red/1.png,blue/0.png")
    assert main(["evaluate", "photos", "queries.csv", "-k", "4", "--plot", "failed.png"]) == 0
    printed = capsys.readouterr()
    assert (
        "2 queries: recall@4 0.286, precision@4 0.500; 1 as good as 4 results can be" in printed.out
    )
    with Image.open("failed.png") as sheet:
        assert sheet.width > 6 * 180
        colours = {colour for _, colour in sheet.convert("RGB").getcolors(sheet.width**2) or []}
    assert (198, 40, 40) in colours  # the frame of a result that was not expected
    assert printed.out.splitlines()[1].endswith("photos/red/1.png")  # whole, to be copied
    assert main(["evaluate", "photos", "queries.csv", "--plot", "nowhere/x.png"]) == 2
    assert "--plot nowhere/x.png: the folder nowhere does not exist" in capsys.readouterr().err
    assert main(["evaluate", "photos.index", "queries.csv", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    *records, totals = records
    assert totals == {"queries": 2, "k": 5, "recall": pytest.approx(5 / 14, abs=1e-6),
                      "precision": 0.5, "best": 1}  # fmt: skip
    assert [each["recall"] for each in records] == [pytest.approx(5 / 7, abs=1e-6), 0.0]
    assert len(records[0]["results"]) == 5
