"""What an input to predict is taken for."""

from pathlib import Path

import pytest

from handloom.jobs.text_classifier.reading import names_data


@pytest.mark.parametrize(
    "given", ["reviws.csv", ".", "./notes", "/no/such/place", "my texts.tsv", "a.jsonl.gz", "~/x"]
)
def test_what_looks_like_a_path(given: str) -> None:
    assert names_data(given)


@pytest.mark.parametrize(
    "given",
    [
        "a film",
        "it is 5/10, no more",
        "and/or",
        "see a.csv for it",
        "... what?",
        "x" * 5000,
        "a\0b",
    ],
)
def test_what_is_a_text(given: str) -> None:
    assert not names_data(given)


def test_what_exists_is_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not names_data("notes")
    (tmp_path / "notes").write_text("a text")
    assert names_data("notes")
