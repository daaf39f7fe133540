"""What happens while a page is open: a server that goes away, runs and views that go, a webcam."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browsing import give, go, until
from tests.studio.conftest import GOLDEN, Site

IMAGE = (GOLDEN / "classifier" / "digit.png").read_bytes()
RECORDED = """() => {
  window.streams = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async wanted => {
    const stream = await ask(wanted);
    window.streams.push(stream);
    return stream;
  };
}"""
FILMING = """() => window.streams.flatMap(stream => stream.getTracks())
  .filter(track => track.readyState === "live").length"""


@pytest.fixture(scope="module", autouse=True)
def runs(site: Site, digits_run: Path) -> None:
    site.add("char-rnn", "classifier")
    shutil.copytree(digits_run, site.root / "runs" / "digits")


@pytest.fixture
def stopped(site: Site) -> Any:
    """A run that is looked at again and again, since it may go on."""
    path = site.root / "runs" / "stopped"
    shutil.copytree(GOLDEN / "classifier", path)
    (path / "status.json").write_text('{"status": "stopped"}', encoding="utf-8")
    yield path
    shutil.rmtree(path, ignore_errors=True)


def film(page: Any) -> None:
    go(page, "/run?run=runs/digits")
    page.evaluate(RECORDED)
    page.get_by_role("button", name="Webcam").click()
    until(lambda: page.locator("video").evaluate("video => video.videoWidth") > 0)
    assert page.evaluate(FILMING) == 1
    assert not page.locator(".drop .choose").is_visible()


def test_a_webcam_is_off_when_its_view_has_gone(page: Any) -> None:
    film(page)
    page.get_by_role("tab", name="Details").click()
    until(lambda: page.evaluate(FILMING) == 0)


def test_a_webcam_is_off_when_another_image_is_given(page: Any) -> None:
    film(page)
    give(page, IMAGE)
    page.locator(".verdict").wait_for()
    assert page.evaluate(FILMING) == 0
    assert page.locator(".drop .choose").is_visible()


def test_a_webcam_that_is_allowed_after_its_view_has_gone(page: Any) -> None:
    go(page, "/run?run=runs/digits")
    page.evaluate(RECORDED)
    page.evaluate("""() => {
      const ask = navigator.mediaDevices.getUserMedia;
      window.allowed = new Promise(resolve => { window.allow = resolve; });
      navigator.mediaDevices.getUserMedia = async wanted => {
        await window.allowed;
        return ask(wanted);
      };
    }""")
    page.get_by_role("button", name="Webcam").click()
    page.get_by_role("tab", name="Details").click()
    page.locator("#panel table").first.wait_for()
    page.evaluate("window.allow()")
    until(lambda: page.evaluate("window.streams.length") == 1)
    until(lambda: page.evaluate(FILMING) == 0)


def test_an_image_is_pasted_once_after_views_have_come_and_gone(page: Any) -> None:
    go(page, "/run?run=runs/digits")
    for name in ("Details", "Try it") * 3:
        page.get_by_role("tab", name=name).click()
    page.locator(".drop .choose").wait_for()
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    give(page, IMAGE, "paste", 0)
    page.locator(".verdict").wait_for()
    assert len([url for url in asked if "/api/predict" in url]) == 1


def test_a_network_stops_writing_when_its_view_has_gone(page: Any) -> None:
    go(page, "/run?run=runs/char-rnn")
    ended = list[str]()
    page.on("requestfailed", lambda request: ended.append(request.url))
    page.locator("#length").fill("20000")
    page.locator("#write").click()
    until(lambda: len(page.locator(".written").text_content()) > 50)
    page.get_by_role("tab", name="Details").click()
    until(lambda: page.wait_for_timeout(10) or any("/api/write" in url for url in ended))


@pytest.mark.parametrize("path", ["/", "/run?run=runs/stopped"])
def test_a_server_that_goes_away_and_comes_back(page: Any, stopped: Path, path: str) -> None:
    go(page, path)
    page.route("**/api/run*", lambda route: route.abort())
    trouble = page.get_by_role("alert")
    trouble.wait_for()
    assert "does not answer" in trouble.text_content()
    page.unroute("**/api/run*")
    trouble.wait_for(state="detached")


def test_a_run_that_is_deleted_while_it_is_open(page: Any, stopped: Path) -> None:
    go(page, "/run?run=runs/stopped")
    shutil.rmtree(stopped)
    page.get_by_role("alert").wait_for()
    assert "there is no run 'runs/stopped'" in page.get_by_role("alert").text_content()


def test_a_comparison_with_a_run_that_is_gone(page: Any) -> None:
    go(page, "/compare?run=runs/digits&run=runs/gone&run=runs/classifier")
    assert "No longer there: runs/gone" in page.locator("main").text_content()
    assert page.locator("figure .line.c1").count() >= 1


def changed(path: Path, **values: Any) -> None:
    """Some values of the configuration of a run."""
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    (path / "config.json").write_text(json.dumps(config | values), encoding="utf-8")


def test_a_run_of_a_job_that_is_not_known(page: Any, site: Site, stopped: Path) -> None:
    changed(stopped, job="diffusion")
    go(page, "/")
    assert "diffusion" in page.locator("tr[data-run='runs/stopped']").text_content()
    go(page, "/run?run=runs/stopped")
    assert "there is no job 'diffusion'" in page.get_by_role("alert").text_content()


def test_metrics_that_are_not_numbers(page: Any, site: Site, stopped: Path) -> None:
    evaluation = json.loads((stopped / "evaluation.json").read_text(encoding="utf-8"))
    evaluation |= {"accuracy": float("nan"), "loss": float("inf")}
    (stopped / "evaluation.json").write_text(json.dumps(evaluation), encoding="utf-8")
    with (stopped / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"epoch": 9, "step": 315, "seconds": 2.0, "train/loss": NaN}\n')
    go(page, "/")
    assert page.locator("tr[data-run='runs/stopped']").count() == 1
    go(page, "/run?run=runs/stopped#details")
    row = page.locator("#panel tr").filter(has_text="accuracy").first
    assert row.text_content() == "accuracy–"  # not 0 %
    go(page, "/run?run=runs/stopped#training")
    page.locator("#panel figure svg").first.wait_for()


def test_a_report_that_has_gone_is_a_sentence(page: Any, site: Site, stopped: Path) -> None:
    (stopped / "report.html").write_text("<h1>here</h1>", encoding="utf-8")
    go(page, "/run?run=runs/stopped#report")
    page.frame_locator("iframe.report").locator("h1").wait_for()
    page.get_by_role("tab", name="Details").click()
    page.locator("#panel table").first.wait_for()
    (stopped / "report.html").unlink()
    page.get_by_role("tab", name="Report").click()
    shown = page.frame_locator("iframe.report").locator("p")
    shown.wait_for()
    assert shown.text_content() == "'runs/stopped' has no file 'report.html' that is shown"


def test_a_training_that_cannot_go_on_says_why(page: Any, site: Site, stopped: Path) -> None:
    shutil.rmtree(stopped)
    shutil.copytree(site.root / "runs" / "digits", stopped)
    (stopped / "status.json").write_text('{"status": "stopped"}', encoding="utf-8")
    changed(stopped, data=str(site.root / "gone"))
    go(page, "/run?run=runs/stopped")
    page.get_by_role("button", name="Resume").click()
    alert = page.locator("main").get_by_role("alert")
    page.locator(".toast.bad").wait_for()
    assert "gone" in page.locator(".toast.bad").text_content()
    page.reload()
    alert.wait_for()
    assert "gone" in alert.text_content()


def test_two_pages_that_decide_about_one_run(page: Any, browser: Any, site: Site) -> None:
    go(page, "/run?run=runs/digits#mistakes")
    other = page.context.new_page()
    go(other, "/run?run=runs/digits#mistakes")
    for each, number in ((page, 0), (other, 1)):
        each.locator(".mistake").nth(number).locator(".drop-it").click()
        each.locator(".mistake.decided").first.wait_for()
    until(lambda: other.locator(".mistake.decided").count() == 2)  # the other's too
    assert "2 of" in other.locator(".lead-in").text_content()
    path = site.root / "runs" / "digits" / "mistakes.csv"
    table = path.read_text(encoding="utf-8")
    path.write_text(table.splitlines()[0] + "\n" + table.splitlines()[1] + "\n", encoding="utf-8")
    other.locator(".mistake").nth(2).locator(".drop-it").click()
    other.locator(".toast.bad").wait_for()
    assert "load the page again" in other.locator(".toast.bad").text_content()
    path.write_text(table, encoding="utf-8")


def test_a_chart_has_the_size_of_a_window_that_is_resized(page: Any) -> None:
    go(page, "/run?run=runs/digits#training")
    drawing = page.locator("figure.chart svg").first
    drawing.wait_for()
    for width, box in ((400, "0 0 350 210"), (1200, "0 0 560 250")):
        page.set_viewport_size({"width": width, "height": 800})
        until(lambda box=box: drawing.get_attribute("viewBox") == box)
