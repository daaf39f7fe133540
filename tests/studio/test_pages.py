"""The pages in a real browser: clicked, dropped, typed into and read as a screen reader does."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handloom.runs.directory import RunDirectory
from tests.studio.conftest import GOLDEN, Client

PLAYWRIGHT = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
UNNAMED = """() => [...document.querySelectorAll("button, a, input, select, textarea, img, iframe")]
  .filter(e => e.checkVisibility() && e.getAttribute("alt") !== "" && !e.labels?.length)
  .filter(e => ![e.getAttribute("aria-label"), e.alt, e.title, e.textContent].some(n => n?.trim()))
  .map(e => e.outerHTML.slice(0, 120))"""
PAGES = (
    "/", "/compare?run=runs/digits&run=runs/classifier", "/search", "/train",
    "/run?run=runs/digits#details", "/run?run=runs/stylize",
)  # fmt: skip
SECONDS = 60_000  # ms: the first answer imports torch


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = os.environ.get("HANDLOOM_BROWSER")
    path = path or next(filter(None, map(shutil.which, BROWSERS)), None)
    with PLAYWRIGHT.sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except PLAYWRIGHT.Error as error:
            pytest.skip(f"there is no browser that can be started: {str(error)[:100]}")
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, client: Client) -> Iterator[Any]:
    """A page that fails the test for whatever the browser complains of."""
    context = browser.new_context(base_url=client.base, locale="en-US")
    opened, complaints = context.new_page(), list[str]()
    opened.set_default_timeout(SECONDS)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.extend(_complaint(message)))
    yield opened
    context.close()
    assert not complaints, complaints


def _complaint(message: Any) -> list[str]:
    is_bad = message.type == "error" and "status of 4" not in message.text
    return [message.text] if is_bad else []


def go(page: Any, path: str) -> None:
    page.goto(path)
    page.wait_for_selector("main[data-ready]")


def until(what: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for a claim; scripts of Playwright's own may not be evaluated under our policy."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def test_runs_are_listed_sorted_and_filtered(page: Any) -> None:
    go(page, "/")
    rows = page.locator("tbody tr")
    assert rows.count() == 7
    page.get_by_role("button", name="run", exact=True).click()
    names = rows.evaluate_all("rows => rows.map(row => row.dataset.run)")
    assert names == sorted(names)
    page.get_by_role("searchbox").fill("pydoc text")
    assert rows.count() == 1
    assert "54.17 %" in rows.text_content()


def test_two_runs_are_compared(page: Any) -> None:
    go(page, "/")
    for name in ("runs/digits", "runs/classifier"):
        page.get_by_label(f"Choose {name}").check()
    page.locator("#compare").click()
    page.wait_for_selector("main[data-ready] figure")
    assert page.locator("figure .line.c1").count() >= 1  # two lines in one chart
    assert re.search(r"[+−]\d", page.locator("table").first.text_content())
    assert "network" in page.locator("table").last.text_content()


def test_an_image_is_dropped_and_explained(page: Any) -> None:
    go(page, "/run?run=runs/digits")
    image = (GOLDEN / "classifier" / "digit.png").read_bytes()
    page.evaluate(
        """bytes => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "<img src=x onerror=alert(1)>.png",
                                  {type: "image/png"}));
          document.querySelector(".drop").dispatchEvent(
            new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }""",
        list(image),
    )
    page.wait_for_selector(".verdict")
    assert page.locator(".bars li").count() == 8
    assert page.locator(".why img").get_attribute("src").startswith("data:image/png")
    page.locator("#unsure").fill("99")
    assert page.locator(".verdict").text_content()
    assert page.locator("img[src=x]").count() == 0
    with page.expect_response("**/report?run=*") as report:
        page.get_by_role("tab", name="Report").click()
    assert "<h1>digits</h1>" in report.value.text()


def test_a_text_is_written_by_a_network_and_stopped(page: Any) -> None:
    go(page, "/run?run=runs/char-rnn")
    page.locator("#prefix").fill("The ")
    page.get_by_label("Length").fill("20000")
    page.locator("#write").click()
    until(lambda: len(page.locator(".written").text_content()) > 50)
    page.get_by_role("button", name="Stop").click()
    until(lambda: page.locator("#write").is_enabled())
    assert page.locator(".written").text_content().startswith("The ")
    assert len(page.locator(".written").text_content()) < 20_000
    page.get_by_label("Length").fill("10")
    page.locator("#write").click()  # the same worker goes on
    until(lambda: len(page.locator(".written").text_content()) == 14)


def test_mistakes_are_corrected(page: Any, folder: Path) -> None:
    go(page, "/run?run=runs/digits#mistakes")
    card = page.locator(".mistake").first
    card.locator("img:not(.none)").wait_for()
    card.get_by_role("button", name="drop").click()
    until(lambda: "1 of" in page.locator("[role=status]").first.text_content())
    table = (folder / "runs" / "digits" / "mistakes.csv").read_text(encoding="utf-8")
    assert ",drop\n" in table
    assert "--corrections runs/digits/mistakes.csv" in page.locator(".command").text_content()


def test_a_training_is_started_and_stopped(
    page: Any, client: Client, folder: Path
) -> None:
    go(page, "/train")
    page.locator("#data").fill("digits")
    page.locator("#option-network").fill("mlp")
    page.locator("#option-epochs").fill("2000")
    until(lambda: "--epochs 2000" in page.locator(".command").text_content())
    page.locator("#start").click()
    page.wait_for_url("**/run?run=**")
    run = RunDirectory(folder / "runs" / "classifier-digits-1")
    until(lambda: run.metrics())
    go(page, "/")
    row = page.locator("tr[data-run='runs/classifier-digits-1']")
    assert page.locator(".live .line").count() >= 1
    row.get_by_role("button", name="Stop").click()
    until(lambda: run.status()["status"] == "stopped")
    until(lambda: client.get("/api/log?run=runs/classifier-digits-1").json["status"] is not None)
    assert len(run.metrics()) < 2000
    row.get_by_role("button", name="Resume").wait_for()


def test_pages_fit_a_phone_and_everything_has_a_name(browser: Any, client: Client) -> None:
    context = browser.new_context(base_url=client.base, color_scheme="dark",
                                  viewport={"width": 400, "height": 800})  # fmt: skip
    page = context.new_page()
    for path in PAGES:
        go(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, path
        assert not page.evaluate(UNNAMED), path
    context.close()


def test_chinese(browser: Any, client: Client) -> None:
    context = browser.new_context(base_url=client.base, locale="zh-CN")
    page = context.new_page()
    go(page, "/train")
    assert page.locator("h1").text_content() == "训练"
    page.locator("#language").click()
    page.wait_for_selector("main[data-ready] h1:text('Train')")
    context.close()


def test_names_in_a_run_are_no_markup(page: Any, folder: Path) -> None:
    run = folder / "runs" / "<b onmouseover=alert(1)>x"
    shutil.copytree(GOLDEN / "classifier", run)
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    config |= {"data": "/tmp/<img src=x onerror=alert(1)>", "classes": ["<script>"] * 10}
    (run / "config.json").write_text(json.dumps(config), encoding="utf-8")
    try:
        go(page, "/")
        assert "<img src=x" in page.locator("tbody").text_content()
        go(page, "/run?run=runs/%3Cb%20onmouseover%3Dalert(1)%3Ex#details")
        assert page.locator("b[onmouseover], img[src=x], main script").count() == 0
    finally:
        shutil.rmtree(run)
