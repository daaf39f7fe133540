"""A text run, its data and the files its options name, from another folder and at other places."""

import shutil
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.errors import UserError

KINDS = ("fine", "dull")


def table(path: Path, noun: str, count: int) -> None:
    rows = [f"{KINDS[i % 2]} {noun} {i},{i % 2}" for i in range(count)]
    path.write_text("\n".join(["text,target", *rows]), encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run, trained from within it by names of files that lie there."""
    folder = tmp_path / "home"
    folder.mkdir()
    table(folder / "t.csv", "film", 80)
    table(folder / "v.csv", "movie", 24)
    table(folder / "u.csv", "show", 30)
    monkeypatch.chdir(folder)
    handloom.train(
        "text-classifier", "t.csv", out="run", quiet=True, network="linear", valid="v.csv",
        test="u.csv",
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    return folder


def sizes(evaluation: dict[str, Any]) -> tuple[str, int]:
    return evaluation["split"], evaluation["texts"]


def test_from_another_folder(home: Path) -> None:
    run = handloom.open(home / "run")
    assert run.config["options"]["valid"] == str(home / "v.csv")
    assert run.evaluate() | {"data": ""} == run.evaluation | {"data": ""}
    assert sizes(run.evaluate(home / "t.csv")) == ("test", 30)  # its own: not what it learned from
    assert sizes(run.evaluate(home / "u.csv")) == ("all", 30)


def test_run_and_data_moved_together(home: Path) -> None:
    moved = home.rename(home.parent / "elsewhere")
    run = handloom.open(moved / "run")
    assert sizes(run.evaluate()) == ("test", 30)
    assert sizes(run.evaluate(moved / "t.csv")) == ("test", 30)
    assert run.report().is_file()


def test_run_and_data_moved_deeper(home: Path) -> None:
    deep = home.parent / "a" / "b"
    deep.mkdir(parents=True)
    shutil.move(home, deep)
    assert sizes(handloom.open(deep / "home" / "run").evaluate()) == ("test", 30)


def test_the_run_moved_alone(home: Path) -> None:
    other = home.parent / "runs" / "kept"
    shutil.copytree(home / "run", other)
    assert sizes(handloom.open(other).evaluate()) == ("test", 30)


def test_the_data_moved_alone(home: Path) -> None:
    new = home.parent / "new"
    new.mkdir()
    (home / "t.csv").rename(new / "renamed.csv")
    run = handloom.open(home / "run")
    with pytest.raises(UserError, match=r"are not at .*handloom evaluate .*run FOLDER"):
        run.evaluate()
    assert sizes(run.evaluate(new / "renamed.csv")) == ("test", 30)
    assert run.predict("fine film")[0]["label"] == "0"


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "folder", "fasttext"])
def test_other_data_where_the_own_are_gone(home: Path, tmp_path: Path, kind: str) -> None:
    shutil.move(home / "run", tmp_path / "run")
    shutil.rmtree(home)
    place = tmp_path / f"other.{kind}"
    texts = [(f"{KINDS[i % 2]} piece {i}", str(i % 2)) for i in range(12)]
    if kind == "folder":
        for i, (text, label) in enumerate(texts):
            (place / label).mkdir(parents=True, exist_ok=True)
            (place / label / f"{i}.txt").write_text(text)
    else:
        line, head = {
            "csv": ("{0},{1}", "review,label\n"),
            "tsv": ("{1}\t{0}", "label\treview\n"),
            "jsonl": ('{{"text": "{0}", "target": {1}}}', ""),
            "fasttext": ("__label__{1} {0}", ""),
        }[kind]
        place = place.with_suffix(".txt") if kind == "fasttext" else place
        place.write_text(head + "\n".join(line.format(*pair) for pair in texts))
    found = handloom.open(tmp_path / "run").evaluate(place)
    assert (*sizes(found), found["accuracy"]) == ("all", 12, 1.0)
