"""evaluate, predict and report of runs that classify."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handloom.cli.commands.shared import SWITCHES, typed_places
from handloom.cli.parser import config_flags
from handloom.config import plain
from handloom.jobs import JOBS, find_job

PREDICTION = {"input", "label", "probability", "probabilities"}


def test_evaluate_on_its_own_test_split_and_on_other_data(
    typed: Callable[..., Any], trained: Callable[[str], Path], texts: Path
) -> None:
    run = trained("classifier")
    (own,) = typed("evaluate", run, "--json").records
    assert own["split"] == "test"
    assert own["images"] == 359
    shown = typed("evaluate", run)
    assert shown.status == 0
    assert shown.out.startswith(f"test: accuracy {100 * own['accuracy']:.2f} %")
    assert shown.out.splitlines()[1].startswith("  for comparison: ")
    heading = next(i for i, line in enumerate(shown.out.splitlines()) if line.startswith("class "))
    assert len(shown.out.splitlines()) == heading + 12  # ten classes, and their mean
    other = typed("evaluate", trained("text-classifier"), texts / "reviews.csv", "--json")
    own = other.records[0]  # the run's own data: what it was trained on is left out
    assert (own["split"], own["texts"]) == ("test", 12)


def test_predict_images(
    typed: Callable[..., Any],
    trained: Callable[[str], Path],
    digit_files: list[str],
    tmp_path: Path,
) -> None:
    out = tmp_path / "p.csv"
    made = typed("predict", trained("classifier"), *digit_files, "--json", "--out", out)
    assert made.status == 0
    assert [record["input"] for record in made.records] == digit_files
    for record in made.records:
        assert set(record) == PREDICTION
        assert record["probabilities"][record["label"]] == record["probability"]
        assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["input"] for row in rows] == digit_files
    assert set(rows[0]) == {"input", "label", "probability", *map(str, range(10))}


@pytest.mark.parametrize("job", ["classifier", "text-classifier"])
def test_predictions_as_parquet(
    typed: Callable[..., Any],
    trained: Callable[[str], Path],
    digit_files: list[str],
    texts: Path,
    tmp_path: Path,
    job: str,
) -> None:
    """Numbers stay numbers, and the table holds what --json says; one with errors too."""
    from pyarrow.parquet import read_table

    absent = tmp_path / "broken.png"
    absent.write_bytes(b"no image")
    inputs = [*digit_files, absent] if job == "classifier" else [texts / "reviews.csv"]
    out = tmp_path / "p.parquet"
    made = typed("predict", trained(job), *inputs, "--json", "--out", out)
    assert made.status == 0
    rows = read_table(out).to_pylist()
    for row, record in zip(rows, made.records, strict=True):
        flat = {name: value for name, value in record.items() if name != "probabilities"}
        flat |= record.get("probabilities", {})
        assert {name: value for name, value in row.items() if value is not None} == flat


@pytest.mark.parametrize("job", ["classifier", "text-classifier"])
def test_answers_of_images_and_of_texts(
    typed: Callable[..., Any], trained: Callable[[str], Path], texts: Path, tmp_path: Path, job: str
) -> None:
    """The likeliest classes alone, and no label where none is likely enough."""
    subject = "digits" if job == "classifier" else texts / "reviews.csv"
    out = tmp_path / "p.csv"
    plain = typed("predict", trained(job), subject, "--json").records
    threshold = sorted(record["probability"] for record in plain)[len(plain) // 2]
    asked = (subject, "--top", 2, "--abstain-below", threshold)
    made = typed("predict", trained(job), *asked, "--json", "--out", out)
    assert made.status == 0
    for record in made.records:
        assert record["abstained"] == (record["probability"] < threshold)
        assert (record["label"] is None) == record["abstained"]
        assert len(record["top"]) == 2
        assert "probabilities" not in record
    count = sum(not record["abstained"] for record in made.records)
    assert f"answered {count:,} of {len(made.records):,} (" in made.err
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(not row["label"] for row in rows) == len(rows) - count
    assert {"top1", "top2_probability", "abstained"} < set(rows[0])
    shown = typed("predict", trained(job), *asked).out.splitlines()
    assert shown[0].split()[3:5] == ["also", "likely"]
    counted = shown[-4:]  # validation and test data are counted apart
    assert any(f"answered {count:,} of {len(made.records):,} (" in line for line in counted)
    assert any(" answers right (" in line for line in counted)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--abstain-below", 90), "--abstain-below 90.0: must be 0 to 1"),
        (("--top", 0), "--top 0: must be 1 or more"),
        (("--abstain", 0.9), "did you mean --abstain-below?"),
    ],
)
def test_answers_that_cannot_be_given(
    typed: Callable[..., Any], trained: Callable[[str], Path], flags: tuple[Any, ...], message: str
) -> None:
    made = typed("predict", trained("classifier"), "digits", *flags)
    assert (made.status, made.out) == (2, "")
    assert message in made.err


def test_parquet_without_its_library(
    typed: Callable[..., Any],
    trained: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from handloom.cli.commands import shared

    monkeypatch.setattr(shared, "find_spec", lambda name: None)
    made = typed("predict", trained("classifier"), "digits", "--out", tmp_path / "p.parquet")
    assert (made.status, made.out) == (2, "")
    assert "Parquet needs pyarrow, which is missing: pip install pyarrow" in made.err


def test_predict_a_named_set_compares_with_the_actual_classes(
    typed: Callable[..., Any], trained: Callable[[str], Path]
) -> None:
    made = typed("predict", trained("classifier"), "digits")
    lines = made.out.splitlines()
    assert lines[0].split()[:4] == ["input", "label", "probability", "actual"]
    assert "339 more" in lines[-2]
    assert " of 359 right (" in lines[-1]
    assert ", 95 % interval " in lines[-1]


def test_predict_texts_from_standard_input(
    typed: Callable[..., Any], trained: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("a fine film\na dull film\n"))
    made = typed("predict", trained("text-classifier"), "-", "--json")
    assert [record["input"] for record in made.records] == ["a fine film", "a dull film"]


def test_a_table_that_cannot_be_written_is_refused_before_the_work(
    typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path
) -> None:
    run = trained("classifier")
    gone = typed("predict", run, "digits", "--out", tmp_path / "no" / "such" / "p.csv")
    assert (gone.status, gone.out) == (2, "")
    assert f"the folder {tmp_path / 'no' / 'such'} does not exist" in gone.err
    folder = typed("predict", run, "digits", "--out", tmp_path)
    assert "is a folder" in folder.err
    assert folder.status == 2


@pytest.mark.parametrize("job", ["text-classifier", "char-rnn", "vae"])
def test_report(typed: Callable[..., Any], trained: Callable[[str], Path], job: str) -> None:
    run = trained(job)
    (record,) = typed("report", run, "--json").records
    assert record == {"run": str(run), "report": str(run / "report.html")}
    assert typed("report", run).out == f"{run / 'report.html'}\n"


def test_a_verb_that_the_job_has_not_names_those_it_has(
    typed: Callable[..., Any], trained: Callable[[str], Path]
) -> None:
    refused = typed("predict", trained("char-rnn"), "x")
    assert refused.status == 2
    assert "'predict' is not available for char-rnn runs; available: " in refused.err
    assert "sample" in refused.err


def test_a_run_is_known_behind_flags() -> None:
    words = ["--strict", "--top", "2", "--no-json", "--out=p.csv", "run", "--", "a.png"]
    assert list(typed_places(words)) == ["run", "a.png"]
    options = [verb.options for name in JOBS for verb in find_job(name).verbs.values()]
    flags = [flag for each in options if each is not None for flag in config_flags(each)]
    switches = {f"--{flag.label.replace('_', '-')}" for flag in flags if plain(flag.kind) is bool}
    assert switches | {"--json"} == set(SWITCHES)
