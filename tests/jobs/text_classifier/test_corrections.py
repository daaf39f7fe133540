"""Labels of texts that a person corrects: found in mistakes.csv, given back, and remembered."""

import csv
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.data.text.cut import Cut
from handloom.data.text.texts import TextSet, load_texts
from handloom.errors import UserError
from handloom.jobs.text_classifier.contents import content_of
from handloom.jobs.text_classifier.corrections import corrected_texts

GOOD = ("love", "great", "wonderful", "excellent", "happy", "superb", "bright", "charming", "best")
BAD = ("hate", "awful", "terrible", "poor", "sad", "dull", "boring", "worst", "horrid", "bleak")
OTHER = ("the", "film", "was", "a", "story", "of", "two", "people", "in", "town", "who", "met")
TRAINING: dict[str, Any] = {"network": "linear", "test_share": 0.3}
WRONG = range(5, 300, 29)  # rows whose label is the other one


def texts() -> Iterator[tuple[str, str]]:
    """Three hundred texts of two classes, eleven of them with a wrong label."""
    draw = random.Random(0)
    for i in range(300):
        words = [draw.choice(GOOD if i % 2 else BAD) for _ in range(4)] + draw.sample(OTHER, 6)
        draw.shuffle(words)
        yield " ".join(words), ("pos", "neg")[(i % 2 == 0) != (i in WRONG)]


def write(path: Path, rows: list[tuple[str, ...]], *names: str) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names, *rows])
    return str(path)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("texts") / "r.csv", list(texts()), "text", "target")


@pytest.fixture(scope="module")
def run(data: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("runs") / "first"
    return handloom.train("text-classifier", data, **TRAINING, out=out, quiet=True)


def test_wrong_labels_are_found_and_given_back(run: Any, data: str, tmp_path: Path) -> None:
    rows = list(texts())
    lines = read(run.path / "mistakes.csv")
    wrong = {rows[i][0] for i in WRONG}
    assert {line["text"] for line in lines} <= wrong
    assert len(lines) >= 4
    assert {line["problem"] for line in lines} <= {"likely wrong label", "mistake"}
    assert lines[0]["problem"] == "likely wrong label"
    assert {line["split"] for line in lines} >= {"train"}
    for line in lines:
        assert line["likely_label"] in ("", line["predicted"])
        line["correction"] = line["predicted"]
    given = write(tmp_path / "m.csv", [tuple(line.values()) for line in lines], *lines[0])
    again = handloom.train(
        "text-classifier", data, **TRAINING, corrections=given, out=tmp_path / "again",
        quiet=True,
    )  # fmt: skip
    assert again.config["corrections"]["relabelled"] == len(lines)
    assert {line["text"] for line in read(again.path / "mistakes.csv")} <= wrong
    held_out = [line for line in lines if line["split"] == "test"]
    evaluation = again.evaluate()
    assert held_out
    assert evaluation["corrected"] == {"relabelled": len(held_out), "dropped": 0}
    assert evaluation["optimistic"] is True
    assert evaluation["accuracy_before_corrections"] == pytest.approx(
        evaluation["accuracy"] - len(held_out) / evaluation["texts"], abs=1e-5
    )
    Path(given).unlink()  # the run keeps them
    assert handloom.open(again.path).evaluate()["corrected"] == evaluation["corrected"]


def test_the_page_says_what_to_do(run: Any) -> None:
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "train text-classifier" in page
    assert re.search(r"--test-share 0.3 .*--network linear .*--corrections", page)
    assert "texts whose labels may be wrong" in page


def test_what_a_person_wrote_outlasts_another_report(run: Any) -> None:
    path = run.path / "mistakes.csv"
    before = path.read_bytes()
    lines = read(path)
    lines[0]["correction"] = "drop"
    write(path, [tuple(line.values()) for line in lines], *lines[0])
    run.report()
    assert read(path)[0]["correction"] == "drop"
    path.write_bytes(before)


def whole(data: str) -> TextSet:
    return load_texts(data, Cut(0.1, 0.1, 0))


def test_a_table_of_texts_will_do(data: str, tmp_path: Path) -> None:
    """Without digests: a text is known whatever its case and white space, and so are its copies."""
    rows = list(texts())
    loud = write(tmp_path / "loud.csv", [*rows, (rows[0][0].upper(), "neg")], "text", "target")
    typed = f"  {rows[0][0]} "
    given = write(tmp_path / "c.csv", [(typed, "pos"), (rows[2][0], "Drop")], "text", "correction")
    before, made = whole(loud), corrected_texts(whole(loud), Path(given))
    assert made.corrections is not None
    assert (made.corrections["relabelled"], made.corrections["dropped"]) == (2, 1)
    assert made.fingerprint == before.fingerprint
    assert sum(map(len, made.splits.values())) == len(rows)
    labels = [
        made.classes[int(label)]
        for part in made.splits.values()
        for text, label in zip(part.text, part.label, strict=True)  # type: ignore[arg-type]
        if content_of(text) == content_of(rows[0][0])
    ]
    assert labels == ["pos", "pos"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("no such text", "pos"), "which is not among the data"),
        (("{first}", "Pos"), "which is not a class of the data: did you mean 'pos'"),
    ],
)
def test_lines_that_fit_nothing(
    line: tuple[str, str], message: str, data: str, tmp_path: Path
) -> None:
    rows = [tuple(cell.format(first=next(texts())[0]) for cell in line)]
    given = write(tmp_path / "c.csv", rows, "text", "correction")
    with pytest.raises(UserError, match=message):
        corrected_texts(whole(data), Path(given))


def test_all_of_a_class_dropped(data: str, tmp_path: Path) -> None:
    rows = [(text, "drop") for text, label in texts() if label == "pos"]
    given = write(tmp_path / "c.csv", rows, "text", "correction")
    with pytest.raises(UserError, match="all training texts are of class 'neg'"):
        corrected_texts(whole(data), Path(given))


def test_a_class_that_is_corrected_away_is_gone(tmp_path: Path) -> None:
    rows = [(text, "Pos" if i in (3, 9) else label) for i, (text, label) in enumerate(texts())]
    data = write(tmp_path / "r.csv", rows, "text", "target")
    table = write(tmp_path / "c.csv", [(rows[i][0], "pos") for i in (3, 9)], "text", "correction")
    before = load_texts(data, Cut(test=0.3))
    assert before.classes == ("Pos", "neg", "pos")
    after = corrected_texts(before, Path(table))
    assert after.classes == ("neg", "pos")
    named = [note for note in after.notes if "'Pos'" in note]
    assert named == ["'Pos' is left out of the classes, since the corrections leave no text in it"]
    counts = sum(part.label.bincount() for part in after.splits.values() if part.label is not None)
    assert f"'neg' {counts[0]:,}, 'pos' {counts[1]:,}" in " ".join(after.notes)


def test_what_is_certainly_wrong_comes_first(tmp_path: Path) -> None:
    rows = [(text, "Pos" if i in (3, 9) else label) for i, (text, label) in enumerate(texts())]
    data = write(tmp_path / "r.csv", [*rows, (rows[21][0].upper(), "neg")], "text", "target")
    run = handloom.train("text-classifier", data, **TRAINING, out=tmp_path / "run", quiet=True)
    lines = read(run.path / "mistakes.csv")
    assert lines[0]["text"].casefold() == rows[21][0]
    assert lines[0]["problem"].startswith("duplicate in")
    assert {line["text"] for line in lines[1:3]} == {rows[i][0] for i in (3, 9)}
    assert {line["problem"] for line in lines[1:3]} == {"class written like 'pos'"}
    assert "likely wrong label" in {line["problem"] for line in lines[3:]}
