"""One row out for one row in, whatever the input; other encodings, columns and places."""

import shutil
from pathlib import Path

import pytest

import handloom
from handloom.errors import UserError
from handloom.jobs.results import NothingHeldOut
from handloom.jobs.text_classifier import explain, predict


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> handloom.Run:
    folder = tmp_path_factory.mktemp("predict")
    rows = [
        f"{['été fine', 'où dull'][i % 2]} film {i},{['bien', 'mal'][i % 2]}" for i in range(90)
    ]
    (folder / "t.csv").write_bytes(("text,target\n" + "\n".join(rows)).encode("cp1252"))
    return handloom.train(
        "text-classifier", folder / "t.csv", out=folder / "run", quiet=True, encoding="cp1252",
        network="linear",
    )  # fmt: skip


def test_a_table_comes_out_row_by_row(run: handloom.Run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,text,label\n7,fine film,bien\n8\n9,qqq zzz,mal\n10,,mal\n")
    records = run.predict(path)
    assert [record.get("id") for record in records] == ["7", None, "9", "10"]
    assert records[1]["error"] == "line 3 has 1 field, the header has 3"
    assert [record.get("note") for record in records] == [
        None, None, "no known word", "no text",
    ]  # fmt: skip
    assert records[0]["label"] == records[0]["actual"] == "bien"
    with pytest.raises(UserError, match="line 3"):
        run.predict(path, strict=True)


def test_lines_folders_and_texts(run: handloom.Run, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("fine\n\ndull\n")
    assert [record["input"] for record in run.predict(tmp_path / "lines.txt")] == [
        "fine", "", "dull",
    ]  # fmt: skip
    assert len(run.predict(tmp_path)) == 1
    assert run.predict("- fine film")[0]["label"] == "bien"


def test_half_an_emoji_is_read(run: handloom.Run, tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_text('{"text": "fine \\ud83d"}\n')
    assert run.predict(path)[0]["input"] == run.predict("fine \ud83d")[0]["input"]
    assert run.predict(path)[0]["label"] == "bien"
    assert run.explain("fine \ud83d")[0].because
    trained = [("good \ud83d", "a"), ("bad", "b")] * 40
    handloom.train("text-classifier", trained, out=tmp_path / "run", quiet=True, network="linear")


def test_texts_side_by_side_are_read_at_once_with_a_tokenizer_opened_once(
    run: handloom.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lines.txt").write_text("fine\ndull\n")
    given = ["été fine", "où dull", str(tmp_path / "lines.txt"), "fine film", "-1 of dull"]
    alone = [record for each in given for record in run.predict(each)]
    reads, openings = [], []
    read, opened = explain.read, explain.opened
    monkeypatch.setattr(predict, "read", lambda *a: reads.append(a[2]) or read(*a))
    monkeypatch.setattr(explain, "opened", lambda record: openings.append(1) or opened(record))
    fresh = handloom.open(run.path)
    assert fresh.predict(given) == alone
    assert [len(length) for length in reads] == [2, 2, 2]
    fresh.predict("fine")
    assert len(openings) == 1


@pytest.mark.parametrize("given", ["reviws.csv", "./none", "/no/such", "notes.jsonl", ""])
def test_what_looks_like_a_path_must_exist(run: handloom.Run, given: str) -> None:
    with pytest.raises(UserError, match=r"does not exist|is empty"):
        run.predict(given)


def test_the_encoding_of_training_is_not_assumed(run: handloom.Run, tmp_path: Path) -> None:
    table = "text,target\nété fine,bien\noù dull,mal\n"
    (tmp_path / "utf8.csv").write_text(table, encoding="utf-8")
    (tmp_path / "old.csv").write_bytes(table.encode("cp1252"))
    assert run.evaluate(tmp_path / "utf8.csv")["accuracy"] == 1
    assert run.evaluate(tmp_path / "old.csv", encoding="cp1252")["accuracy"] == 1
    with pytest.raises(UserError, match="name its encoding"):
        run.evaluate(tmp_path / "old.csv")


def test_evaluate_takes_the_test_part_and_reports_classes(
    run: handloom.Run, tmp_path: Path
) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(
        "sentence\tlabel\tsplit\nfine\tbien\ttrain\ndull\tmal\ttest\nfine\tbien\ttest\n"
        "fine film\tmal\ttest\n"
    )
    found = run.evaluate(path)
    assert (found["split"], found["texts"]) == ("test", 3)
    assert found["classes"]["mal"]["recall"] == 0.5
    assert found["classes"]["mal"]["precision"] == 1
    assert found["threshold"]["class"] == "bien"
    assert run.evaluate(path, threshold=1.0)["classes"]["bien"]["recall"] == 0
    (tmp_path / "other.csv").write_text("text,target\nfine,unknown\n")
    with pytest.raises(UserError, match="class 'unknown' is not one the run knows"):
        run.evaluate(tmp_path / "other.csv")


def test_a_moved_run_without_its_data(run: handloom.Run, tmp_path: Path) -> None:
    shutil.copytree(run.path, tmp_path / "moved")
    moved = handloom.open(tmp_path / "moved")
    (tmp_path / "u.csv").write_text("text,target\nfine,bien\n")
    assert moved.evaluate(tmp_path / "u.csv")["accuracy"] == 1


def test_repeated_texts_are_counted(tmp_path: Path) -> None:
    rows = [f"{['fine', 'dull'][i % 2]} film {i},{i % 2},train" for i in range(60)]
    rows += ["Fine film 0,0,test", "dull  film 1,1,test", "fine day,1,test", "dull day,1,test"]
    (tmp_path / "t.csv").write_text("text,target,split\n" + "\n".join(rows))
    run = handloom.train(
        "text-classifier", tmp_path / "t.csv", out=tmp_path / "r", quiet=True, network="linear",
        validation=0.0,
    )  # fmt: skip
    found = run.evaluate()
    assert (found["repeated"], found["accuracy_without_repeated"]) == (2, 0.5)
    assert "also in train" in run.describe(found)


def test_texts_that_were_trained_on_do_not_count(run: handloom.Run, tmp_path: Path) -> None:
    rows = [f"{['été fine', 'où dull'][i % 2]} film {i}" for i in range(90)]
    table = [f"{text.upper()} ,{['bien', 'mal'][i % 2]}" for i, text in enumerate(rows)]
    (tmp_path / "mixed.csv").write_text("text,target\n" + "\n".join([*table, "dull new,mal"]))
    records = run.predict(tmp_path / "mixed.csv")
    trained = sum(record.get("trained_on", False) for record in records)
    assert 60 < trained < 90
    assert "trained_on" not in records[-1]
    assert not any("trained_on" in record for record in run.predict(rows))  # not labelled
    evaluation = run.evaluate(tmp_path / "mixed.csv")
    valid = sum(record.get("split") == "valid" for record in records)
    assert (evaluation["trained_on"], evaluation["validated_on"]) == (trained, valid)
    assert evaluation["texts"] == 91 - trained - valid
    own = [row for row, record in zip(table, records, strict=False) if record.get("trained_on")]
    (tmp_path / "own.csv").write_text("text,target\n" + "\n".join(own))
    with pytest.raises(NothingHeldOut, match=f"trained on all {trained} texts"):
        run.evaluate(tmp_path / "own.csv")


def test_the_threshold_is_of_the_class_that_was_rarer_in_training(tmp_path: Path) -> None:
    names = ["rain,no", "sun,yes", "sun,yes"]
    rows = [f"day {i} of {names[i % 3]}" for i in range(90)]
    (tmp_path / "t.csv").write_text("text,target\n" + "\n".join(rows))
    made = handloom.train(
        "text-classifier", tmp_path / "t.csv", out=tmp_path / "run", quiet=True, network="linear"
    )
    (tmp_path / "o.csv").write_text("text,target\nrain now,no\nrain then,no\nsun soon,yes\n")
    evaluation = made.evaluate(tmp_path / "o.csv", threshold=0.0)
    assert evaluation["threshold"]["class"] == "no"
    assert evaluation["classes"]["yes"]["recall"] == 0
