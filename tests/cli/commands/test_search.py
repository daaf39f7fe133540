"""`handloom index` and `handloom search`."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.cli.main import main
from handloom.display.pace import sentence
from tests.encoders.conftest import SMALL, small_file, small_weights
from tests.search.conftest import settle, write

__all__ = ["small_file", "small_weights"]  # fixtures


@pytest.fixture
def folder(shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shapes, in a folder of their own that is the current one's."""
    for path in shapes.rglob("*.png"):
        target = tmp_path / "shapes" / path.relative_to(shapes)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        settle(target)
    monkeypatch.chdir(tmp_path)
    return Path("shapes")


def test_an_index_is_made_and_brought_up_to_date(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "red" / "broken.png").write_bytes(b"")
    assert main(["index", "shapes", "--encoder", "pixels"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "shapes.index: 36 images by pixels; 36 embedded\n"
    assert "left out: red/broken.png (the file is empty)" in printed.err
    write(folder / "red" / "new.png", np.full((4, 4, 3), 99, np.uint8))
    (folder / "red" / "broken.png").unlink()
    assert main(["index", "shapes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "index": "shapes.index", "encoder": "pixels", "images": 37, "embedded": 1, "renamed": 0,
        "removed": 1, "unchanged": 36, "broken": [],
    }  # fmt: skip


def test_results_come_as_lines_json_and_a_contact_sheet(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "shapes", "--encoder", "pixels"])
    capsys.readouterr()
    assert main(["search", "shapes", "shapes/red/3.png", "-k", "3", "--plot", "found.png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["score", "label", "id", "image"]
    assert lines[1].split()[1] == "red"
    assert Path(lines[1].split()[-1]).exists()
    assert len(lines) == 4
    with Image.open("found.png") as sheet:
        assert sheet.width > 4 * 180
    assert main(["search", "shapes", "--id", "1", "-k", "50", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(records) == 35
    assert records[0].keys() == {"id", "path", "score", "label"}
    assert main(["search", "shapes", "--random", "--plus", "shapes/red/1.png",
                 "--plus", "shapes/red/2.png", "--minus=shapes/blue/1.png"]) == 0  # fmt: skip
    assert "query: shapes/" in capsys.readouterr().err


def test_words_with_a_slash_are_said_to_be_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "shapes", "--encoder", "pixels"])
    capsys.readouterr()
    assert main(["search", "shapes", "red/blue shirt"]) == 2
    printed = capsys.readouterr().err
    assert "'red/blue shirt' is taken for words: there is no such file" in printed
    assert "reads no words" in printed
    assert main(["search", "shapes", "shapes/red/33"]) == 2
    assert "'shapes/red/33' does not exist" in capsys.readouterr().err


def test_nothing_is_said_to_be_here_below_the_least_score(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "shapes", "--encoder", "pixels"])
    Image.new("RGB", (20, 20), "white").save("white.png")
    capsys.readouterr()
    assert main(["search", "shapes", "white.png", "--min-score", "auto"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("nothing here; the nearest scores ")
    assert "--min-score auto is" in printed.err


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("label = 'Red'", "label has no 'Red': did you mean 'red'?"),
        ("size > 0 and label in ('pink')", "no 'pink': it has 'blue', 'green' and 'red'"),
        ("split = 'train' and label = 'red'", "no image has a split"),
        ("size < 1", "size is from "),
        ("label = 'red' and folder = 'blue'", None),  # each is there, both together are not
        ("not label = 'red' and not size > 0", None),
    ],
)
def test_a_condition_that_no_image_can_meet_says_why(
    folder: Path, where: str, why: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "shapes", "--encoder", "pixels"])
    capsys.readouterr()
    assert main(["search", "shapes", "--id", "1", "--where", where]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("nothing here")
    assert (why or "nothing here\n") in printed
    assert main(["search", "shapes", "--id", "1", "--where", where, "--json"]) == 0
    printed = capsys.readouterr()
    assert not printed.out
    assert "nothing here" in printed.err
    assert (why or "") in printed.err


def test_fewer_results_than_asked_for_are_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "shapes", "--encoder", "pixels"])
    main(["search", "shapes", "shapes/red/3.png", "--where", "path = 'red/1.png'"])
    assert "only 1 image meets the condition" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["search", "shapes", "red things"], "reads no words"),
        (["search", "shapes", "shapes/red/99.png"], "does not exist"),
        (["search", "shapes", "--id", "999"], "no image has this number"),
        (["search", "shapes", "--id", "1", "--random"], "give one of an image, words"),
        (["search", "shapes"], "there is no query"),
        (["search", "shapes", "--id", "1", "-k", "0"], "-k 0: must be 1 or more"),
        (["search", "shapes", "--id", "1", "--min-score", "2"], "must be auto, or a number from"),
        (["search", "shapes", "--id", "1", "--where", "colour = 'red'"], "no column 'colour'"),
        (["search", "shapes", "--id", "1", "--where", "label = 'it's'"], "a quote is not closed"),
        (["search", "shapes", "--id", "1", "--plot", "found.gif"], "ends in .png"),
        (["search", "shapes", "--id", "1", "--plot", "nowhere/x.png"], "--plot nowhere/x.png"),
        (["search", "nothing", "--id", "1"], "'nothing' does not exist"),
        (["index", "shapes", "--encoder", "timm:no_such_network"], "has no network"),
        (["index", "shapes", "--encoder", "pixels", "--weights", "w.pth"], "leave --weights out"),
        (["index", "shapes", "--store", "shapes"], "a folder of other things, not an index"),
        (["index", "nothing"], "'nothing' does not exist"),
    ],
)
def test_mistakes_are_one_sentence(
    folder: Path, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "shapes", "--encoder", "pixels"])
    capsys.readouterr()
    assert main(words) == 2
    printed = capsys.readouterr()
    assert reason in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out


def test_a_network_with_a_file_of_weights_is_kept_by_name(
    folder: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = f"timm:{SMALL}"
    assert main(["index", "shapes", "--encoder", spec, "--weights", str(small_file)]) == 0
    Image.new("RGB", (20, 20), "red").save("query.png")
    assert main(["search", "shapes", "query.png", "-k", "1"]) == 0
    assert "shapes/" in capsys.readouterr().out
    write(folder / "red" / "new.png", np.full((4, 4, 3), 99, np.uint8))
    assert main(["index", "shapes"]) == 0  # with the weights that it was made with
    assert f"37 images by {spec}; 1 embedded and 36 unchanged" in capsys.readouterr().out
    assert main(["index", "shapes", "--encoder", "pixels"]) == 2
    assert "add --rebuild" in capsys.readouterr().err
    assert main(["index", "shapes", "--encoder", "pixels", "--rebuild"]) == 0
    assert "37 images by pixels; 37 embedded" in capsys.readouterr().out


def test_the_rate_and_the_time_left_are_shown() -> None:
    assert sentence("embedding", 32, 100, 0.5, "images") == "embedding 32 of 100"
    line = sentence("embedding", 3_200, 10_000, 32.0, "images")
    assert line == "embedding 3,200 of 10,000, 100 images a second, 1:08 left"
