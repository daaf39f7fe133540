"""The report of every job in Chinese, and what any report may say."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.jobs import JOBS, find_job
from handloom.studio.frames import CHINESE
from tests.studio.browsing import english, go
from tests.studio.conftest import GOLDEN, Site

PACKAGE = Path(handloom.__file__).parent
PROSE = [
    *PACKAGE.glob("jobs/*/report.py"),
    *(PACKAGE / "jobs" / name for name in (
        "pages.py", "classification/page.py", "classifier/advice.py", "classifier/faults.py",
        "classifier/illustrations.py", "generation/planes.py",
    )),
    *(PACKAGE / "reports" / f"{name}.py" for name in ("confusion", "curves", "shares", "trust")),
    PACKAGE / "metrics" / "gan_health.py",
    PACKAGE / "search" / "map" / "page.py",
]  # fmt: skip
NOT_SHOWN = {"handloom resume again --epochs"}
TABLED = re.compile(r'"((?:[^"\\\\])*)"|`([^`]*)`')


def pieces(path: Path) -> Iterator[str]:
    """Three words or more in a row that a module may write, between what differs and what is
    marked up."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    raised = (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    unseen |= {id(part) for node in raised for part in ast.walk(node)}  # is on no page
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            parts = [] if id(node) in unseen else re.split(r"<[^>]*>|{[^}]*}", node.value)
            joined = (" ".join(part.split()).strip(" .,;:()'") for part in parts)
            yield from (part for part in joined if len(re.findall(r"\b[a-z]{2,}\b", part)) > 2)


def test_whatever_a_report_may_say_is_in_the_tables() -> None:
    """Of every branch, also of those that no test takes."""
    texts = [path.read_text(encoding="utf-8") for path in CHINESE[1:-1]]
    known = "\n".join(a or b for text in texts for a, b in TABLED.findall(text))
    known = re.sub(r"\[(\w+)\]|\$?{\w+}", "\n", known).lower()
    written = {piece for path in PROSE for piece in pieces(path) if "/" not in piece}
    assert len(written) > 100
    assert not {piece for piece in written - NOT_SHOWN if piece.lower() not in known}


@pytest.fixture(scope="module")
def made(site: Site, digits_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of every job with its report: of its example, or one there is where that takes long."""
    runs = site.root / "runs"
    shutil.copytree(digits_run, runs / "classifier")
    shutil.copytree(GOLDEN / "gan", runs / "gan")
    handloom.open(runs / "gan").report()
    for name in JOBS:
        if not (runs / name).exists():
            train(name, runs / name, tmp_path_factory.mktemp(name))
    return runs


def train(name: str, run: Path, folder: Path) -> None:
    """Train the example of a job."""
    from handloom.display.console import Display
    from handloom.jobs.training.lifecycle import train

    job = find_job(name)
    if job.example.data is not None:
        data, more = job.example.data(folder)
    else:
        assert job.sets is not None
        data, more = job.sets()[0], {}
    train(name, data, {**job.example.options, **more}, Display(quiet=True), run)


@pytest.mark.parametrize("name", JOBS)
def test_the_report_of_a_job_is_in_chinese(chinese: Any, made: Path, name: str) -> None:
    go(chinese, f"/run?run=runs/{name}#report")
    shown = chinese.frame_locator("iframe.report")
    shown.locator("html[lang=zh]").wait_for(state="attached")
    assert not english(shown)
