"""What a language model is trained and evaluated on: files, folders, standard input."""

import io
import shutil
import sys
from pathlib import Path

import pytest

import handloom
from handloom.errors import UserError

TINY = dict(hidden=16, epochs=1, batch=2, seq_len=16, layers=1)
TEXT = "A sentence of some words, repeated. " * 40


def test_a_folder_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "novel" / "two").mkdir(parents=True)
    (tmp_path / "novel" / "1.txt").write_text(TEXT)
    (tmp_path / "novel" / "two" / "2.txt").write_text(TEXT.replace("words", "letters"))
    (tmp_path / "novel" / ".hidden.txt").write_text("\u00e9" * 500, "utf-8")
    run = handloom.train("char-rnn", tmp_path / "novel", out=tmp_path / "r", quiet=True, **TINY)
    assert "\u00e9" not in run.config["vocabulary"]
    assert sum(run.config["characters"].values()) == 2 * len(TEXT) + 80 + 1
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match=r"no \.txt file"):
        handloom.train("char-rnn", tmp_path / "none", out=tmp_path / "x", quiet=True, **TINY)


@pytest.mark.parametrize(
    "names",
    [["b.txt", "a.txt"], ["a.txt", "more"], ["c.md", "b.txt", "a.txt"]],
)
def test_several_files_are_one_text(tmp_path: Path, names: list[str]) -> None:
    """In the order that they are named, a line break between; they may move with the run."""
    from handloom.cli.main import main
    from handloom.data.text.corpus import read_corpus

    old = tmp_path / "old"
    (old / "more").mkdir(parents=True)
    for number, name in enumerate(("a.txt", "b.txt", "c.md", "more/d.txt")):
        (old / name).write_text(f"{TEXT}{number}")
    run = old / "r"
    options = [f"--{name.replace('_', '-')}={value}" for name, value in TINY.items()]
    paths = [str(old / name) for name in names]
    assert main(["train", "char-rnn", *paths, "--out", str(run), *options]) == 0
    whole = "\n".join(
        (old / name.replace("more", "more/d.txt")).read_text("utf-8") for name in names
    )
    assert read_corpus("\n".join(paths)).text() == whole
    assert sum(handloom.open(run).config["characters"].values()) in (len(whole), len(whole) - 1)
    shutil.move(old, tmp_path / "new")
    resumed = handloom.resume(tmp_path / "new" / "r", epochs=2, quiet=True)
    assert resumed.metrics[-1]["epoch"] == 2
    for number, name in enumerate(names):  # to places that nothing records
        shutil.move(tmp_path / "new" / name, tmp_path / f"moved-{number}{Path(name).suffix}")
    places = [tmp_path / f"moved-{i}{Path(name).suffix}" for i, name in enumerate(names)]
    given = [word for place in places for word in ("--data", str(place))]
    assert main(["resume", "--epochs", "3", *given, str(tmp_path / "new" / "r")]) == 0
    for place, name in zip(places, names, strict=True):
        shutil.move(place, tmp_path / "new" / name)
    listed = handloom.train(
        "char-rnn", [tmp_path / "new" / name for name in names], out=tmp_path / "l", quiet=True,
        **TINY,
    )  # fmt: skip
    assert listed.config["fingerprint"] == resumed.config["fingerprint"]
    with pytest.raises(UserError, match=r"'gone\.txt' does not exist"):
        handloom.train("char-rnn", [tmp_path / "new/a.txt", "gone.txt"], out=tmp_path / "x")


@pytest.mark.parametrize("size", [11, 14, 19])
def test_a_text_too_short_to_hold_any_out(tmp_path: Path, size: int) -> None:
    (tmp_path / "tiny.txt").write_text("abcdefghijklmnopqrstuvwxyz"[:size])
    run = handloom.train("char-rnn", tmp_path / "tiny.txt", out=tmp_path / "r", quiet=True, **TINY)
    assert run.config["characters"]["held out"] in (0, 2)


def test_standard_input_can_be_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache" / "decoded"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    run = handloom.train("char-rnn", "-", out=tmp_path / "r", quiet=True, **TINY)
    assert Path(run.config["data"]).read_text("utf-8") == TEXT
    assert handloom.resume(run.path, epochs=2, quiet=True).metrics[-1]["epoch"] == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(UserError, match="standard input is empty"):
        handloom.train("char-rnn", "-", out=tmp_path / "x", quiet=True, **TINY)


def test_another_text_is_judged_without_the_training_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    handloom.train("char-rnn", tmp_path / "a.txt", out=tmp_path / "r", quiet=True, **TINY)
    (tmp_path / "a.txt").unlink()
    (tmp_path / "o.txt").write_bytes((TEXT + "\u00e9t\u00e9").encode("cp1252"))
    shutil.move(tmp_path / "r", tmp_path / "moved")
    run = handloom.open(tmp_path / "moved")
    found = run.evaluate(tmp_path / "o.txt", encoding="cp1252")
    assert found["train"] is None
    assert found["loss"] > 0
    assert "not there" in run.describe(found)
    with pytest.raises(UserError):
        run.evaluate(tmp_path / "o.txt")


def test_the_tutorial_writes_greedily_from_the_untrained_network_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    run = handloom.train(
        "char-rnn", tmp_path / "a.txt", out=tmp_path / "r", quiet=True, preset="tutorial",
        epochs=50, hidden=8, embedding=8,
    )  # fmt: skip
    names = {path.name for path in (run.path / "samples").glob("greedy-*.txt")}
    assert names == {"greedy-0.txt", "greedy-50.txt"}
    assert len((run.path / "samples" / "greedy-0.txt").read_text("utf-8")) == 62
