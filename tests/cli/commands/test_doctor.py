"""`handloom doctor`: a table, JSON lines, and a status that a script can use."""

import json
from collections.abc import Iterator

import pytest

from handloom.cli.main import main
from handloom.doctor import examine
from handloom.doctor.check import Check

WORKS = Check("jobs", "vae", "works", "trained in 1 s", "", 1.0)
MISSING = Check("optional parts", "faiss", "missing", "not installed", "pip install faiss-cpu")
FAILED = Check("jobs", "gan", "failed", "no such operator", "report it")


def checks(*given: Check) -> object:
    def made() -> Iterator[Check]:
        yield from given

    return made


def test_what_is_missing_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(examine, "examine", checks(WORKS, MISSING))
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "works   vae" in shown
    assert "pip install faiss-cpu" in shown.partition("for the rest")[2]
    assert shown.rstrip().endswith("1 of 2 checks work, 1 missing")


def test_what_fails_is_in_the_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(examine, "examine", checks(WORKS, FAILED, MISSING))
    assert main(["doctor", "--json"]) == 1
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert records[1] == FAILED.record()
    assert len(records) == 3
