"""A job that trains works, one that raises or gives no numbers does not, and nothing escapes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handloom.doctor import trial
from handloom.errors import UserError
from handloom.extras import ExtraMissing
from handloom.jobs import find_job
from handloom.jobs.job import Example


def test_a_job_that_trains_works(tmp_path: Path) -> None:
    check = trial.tried("autoencoder", tmp_path)
    assert (check.status, check.remedy) == ("works", "")
    assert check.seconds > 0
    assert not list(tmp_path.iterdir())


def test_data_that_ship_with_the_package_are_made(tmp_path: Path) -> None:
    assert trial.tried("stylize", tmp_path).status == "works"


@pytest.mark.parametrize(
    ("error", "status", "detail", "remedy"),
    [
        (UserError("too wide: narrow it"), "failed", "too wide: narrow it",
         "what the message says"),
        (ExtraMissing("it needs x, which is missing: pip install x"), "missing",
         "it needs x, which is missing", "pip install x"),
        (RuntimeError("a\nb"), "failed", "RuntimeError: a b", trial.REPORT),
        (AssertionError(), "failed", "AssertionError in doctor/test_trial.py", trial.REPORT),
        (ModuleNotFoundError("No module named 'a.b'", name="a.b"), "failed",
         "a is not installed", "pip install a"),
    ],
)  # fmt: skip
def test_one_that_raises(
    error: Exception, status: str, detail: str, remedy: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def raises(*_: Any) -> None:
        raise error

    monkeypatch.setattr(trial, "_trained", raises)
    check = trial.tried("vae", tmp_path)
    found = check.detail.partition(", line")[0]
    assert (check.status, found, check.remedy) == (status, detail, remedy)


def test_one_whose_figures_are_not_finite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_trained", lambda *_: {"loss": float("nan"), "images": 3})
    check = trial.tried("vae", tmp_path)
    assert check.status == "failed"
    assert "loss came out as no number" in check.detail


def test_one_without_data_to_try_it_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = replace(find_job("vae"), sets=None, example=Example())
    monkeypatch.setattr(trial, "find_job", lambda name: job)
    assert trial.tried("vae", tmp_path).status == "untried"
