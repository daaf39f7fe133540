"""A check that crashes or hangs is a line like any other, and those after it run."""

import subprocess
from typing import Any

import pytest

from handloom.doctor import examine
from tests.doctor.worker_that_crashes import PLAN


def test_what_crashes_or_hangs_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine, "plan", lambda: PLAN)
    monkeypatch.setattr(examine, "WORKER", "tests.doctor.worker_that_crashes")
    checks = list(examine.examine(most_seconds=3))
    assert [(check.name, check.status) for check in checks] == [
        ("fine", "works"),
        ("crash", "failed"),
        ("hang", "failed"),
        ("broken", "failed"),
        ("fine", "works"),
    ]
    assert "status 3" in checks[1].detail
    assert "illegal instruction" in checks[1].detail
    assert "signal" in checks[2].detail or "status 1" in checks[2].detail  # of Windows
    assert checks[3].detail == "RuntimeError: no such operator"


def test_its_process_ends_with_whoever_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after Ctrl-C in the middle of a check."""
    monkeypatch.setattr(examine, "plan", lambda: PLAN)
    monkeypatch.setattr(examine, "WORKER", "tests.doctor.worker_that_crashes")
    started, popen = list[Any](), subprocess.Popen

    def start(*words: Any, **options: Any) -> Any:
        started.append(popen(*words, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    checks = examine.examine(most_seconds=30)
    assert next(checks).name == "fine"
    checks.close()  # type: ignore[attr-defined]
    assert started[0].returncode is not None
