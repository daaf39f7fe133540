"""`handloom demo`: every part there is, and one page of them; the parts have tests of their own."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from handloom.cli.commands.demo import PAGE, SEARCH
from handloom.jobs import JOBS, find_job, job
from handloom.reports.panels import Panel


def test_every_part_is_run_and_is_on_the_page(
    typed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked: list[str] = []

    def part(self: job.Lazy, folder: Path, display: object) -> Panel | None:
        asked.append(self.place)
        number = len(asked)
        if number == 2:  # one that has nothing to show
            return None
        return Panel(f"Title {number}", "1 %", "<note>", "how", "handloom x", Markup("<b>body</b>"))

    monkeypatch.setattr(job.Lazy, "__call__", part)
    shown = typed("demo")
    assert shown.status == 0
    parts = [part for part in (find_job(name).demo for name in JOBS) if part is not None]
    parts.append(SEARCH)
    assert asked == [place.place for _, place in parts]
    assert all(title in shown.out for title, _ in parts)
    page = Path("runs") / "demo-all-1" / PAGE
    assert str(page) in shown.out
    html = page.read_text(encoding="utf-8")
    titles = re.findall(r"<h2>(.*?)</h2>", html)
    assert titles == [f"Title {n}" for n in range(1, len(parts) + 1) if n != 2]
    assert "&lt;note&gt;" in html
    assert "<b>body</b>" in html


def test_one_that_is_stopped_stops_it(
    typed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def stopped(self: job.Lazy, folder: Path, display: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job.Lazy, "__call__", stopped)
    shown = typed("demo")
    assert shown.status == 130
    assert "Traceback" not in shown.err
