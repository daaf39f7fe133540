"""Answers that come in the wrong order: each page shows that of the newest question alone."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import handloom
from tests.studio.browsing import SETTLED, Late, give, go, until
from tests.studio.conftest import GOLDEN, Site


def turned(image: bytes) -> bytes:
    """Upside down, which is another image to a network."""
    file = io.BytesIO()
    Image.open(io.BytesIO(image)).rotate(180).save(file, "PNG")
    return file.getvalue()


IMAGE = (GOLDEN / "classifier" / "digit.png").read_bytes()
OTHER = turned(IMAGE)


@pytest.fixture(scope="module", autouse=True)
def folder(site: Site, digits_run: Path, shapes: Path) -> None:
    """Runs, and an index of three colours."""
    site.add("text-classifier", "vae")
    shutil.copytree(digits_run, site.root / "runs" / "digits")
    shutil.copytree(shapes, site.root / "shapes")
    store = site.root / "shapes.index"
    handloom.index(site.root / "shapes", encoder="pixels", store=store).close()


def labels(page: Any) -> set[str]:
    return set(page.locator(".hit .name").all_text_contents())


def test_a_search_after_a_filter_has_changed(page: Any) -> None:
    go(page, "/search")
    until(lambda: len(labels(page)) > 1)
    late = Late(page, "**/api/search*")
    label = page.locator("select[data-column=label]")
    label.select_option("red")
    late.asked()
    label.select_option("blue")
    until(lambda: labels(page) == {"blue"})
    late.arrive()
    assert labels(page) == {"blue"}


def sources(page: Any, place: str) -> list[str]:
    found: list[str] = page.locator(f"{place} img").evaluate_all("all => all.map(e => e.src)")
    return found


def test_new_images_of_another_seed(page: Any) -> None:
    go(page, "/run?run=runs/vae")
    until(lambda: page.locator(".single img").count() > 0)
    late, before = Late(page, "**/api/sample*"), sources(page, ".samples")
    for seed in ("5", "6"):
        page.locator("#seed").fill(seed)
        page.locator("#seed").press("Enter")
        late.asked()
    until(lambda: sources(page, ".samples") != before)
    shown = sources(page, ".samples")
    late.arrive()
    assert sources(page, ".samples") == shown


def test_the_image_of_another_latent(page: Any) -> None:
    go(page, "/run?run=runs/vae")
    until(lambda: page.locator(".single img").count() > 0)
    page.get_by_label("Class").first.select_option("3")
    until(lambda: set(page.locator(".tile").evaluate_all("all => all.map(e => e.title)")) == {"3"})
    until(lambda: page.locator(".single img").count() == 1)
    late = Late(page, "**/api/sample*")
    page.locator(".tile").nth(0).click()
    late.asked()
    page.locator(".tile").nth(1).click()
    until(lambda: sources(page, ".single") == sources(page, ".samples")[1:2])
    late.arrive()
    assert sources(page, ".single") == sources(page, ".samples")[1:2]


def test_a_slider_is_followed_to_where_it_rests(page: Any) -> None:
    go(page, "/run?run=runs/vae")
    until(lambda: page.locator(".single img").count() > 0)
    late = Late(page, "**/api/sample*")
    for place in ("1", "2", "2.5"):
        page.get_by_label("z1").fill(place)
        late.asked()
    assert len(late.requests) == 1  # the others wait for it
    late.arrive()
    late.asked(2)
    options = [json.loads(request.post_data)["options"] for request in late.requests]
    assert [each["latent"].split(",")[0] for each in options] == ["1", "2.5"]


@pytest.mark.parametrize(
    ("run", "address", "place"),
    [("digits", "predict", ".verdict"), ("vae", "reconstruct", "#reconstruct .result .quiet")],
)
def test_another_image(page: Any, run: str, address: str, place: str) -> None:
    go(page, f"/run?run=runs/{run}")
    late, shown = Late(page, f"**/api/{address}*"), page.locator(place)
    give(page, IMAGE)
    late.asked()
    give(page, OTHER)
    shown.wait_for()
    text = shown.text_content()
    late.arrive()
    assert shown.text_content() == text
    assert page.locator(".waiting").count() == 0


def test_a_walk_to_another_image(page: Any) -> None:
    go(page, "/run?run=runs/vae")
    late, frames = Late(page, "**/api/interpolate*"), page.locator("#walk .walk img")
    give(page, IMAGE, place=2)
    give(page, IMAGE, place=3)
    late.asked()
    give(page, OTHER, place=3)
    frames.nth(15).wait_for()
    shown = sources(page, "#walk .walk")
    assert shown[0] != shown[15]
    late.arrive()
    assert sources(page, "#walk .walk") == shown


def test_another_part_of_a_run(page: Any) -> None:
    go(page, "/run?run=runs/digits#report")
    late = Late(page, "**/api/curves*")
    page.get_by_role("tab", name="Training").click()
    late.asked()
    page.get_by_role("tab", name="Details").click()
    page.locator("#panel table").first.wait_for()
    late.arrive()
    assert page.locator("#panel table").count() >= 1
    assert page.locator("#panel figure").count() == 0


def test_the_command_of_other_options(page: Any) -> None:
    go(page, "/train?job=classifier")
    late, line = Late(page, "**/api/command"), page.locator(".command")
    page.locator("#data").fill("nothing-here")  # is refused
    late.asked()
    page.locator("#data").fill("digits")
    until(lambda: "digits" in line.text_content())
    late.arrive()
    assert page.get_by_role("alert").count() == 0
    assert page.locator("#start").is_enabled()
    page.locator("#data").fill("")
    page.get_by_text("Name the data").wait_for()
    page.evaluate(SETTLED)
    assert line.count() == 0


def test_a_check_of_data_that_are_no_longer_chosen(page: Any) -> None:
    go(page, "/train?job=classifier")
    late = Late(page, "**/api/show", {"name": "digits", "splits": {}})
    page.locator("#data").fill("digits")
    page.locator("#check").click()
    late.asked()
    page.locator("#data").fill("mnist")
    late.arrive()
    assert page.locator(".seen").count() == 0
    assert page.locator("#check").is_enabled()


def status(row: dict[str, Any], wanted: str, version: int) -> dict[str, Any]:
    """News of one row."""
    return {"rows": [row | {"status": wanted}], "removed": [], "whole": False, "version": version}


def test_a_run_that_was_stopped_while_the_table_was_asked(page: Any, site: Site) -> None:
    rows = site.client.get("/api/runs").json["rows"]
    row = next(each for each in rows if each["run"] == "runs/digits")
    held = list[Any]()
    news = [status(row, "running", 7), None, status(row, "stopped", 9)]

    def answer(route: Any) -> None:
        content = news.pop(0) if news else {"rows": [], "removed": [], "version": 9}
        held.append(route) if content is None else route.fulfill(json=content)

    page.route("**/api/runs?*", answer)
    page.route("**/api/stop", lambda route: route.fulfill(json={}))
    go(page, "/")
    until(lambda: page.wait_for_timeout(10) or held)
    page.get_by_role("button", name="Stop").click()
    shown = page.locator("tr[data-run='runs/digits'] .status")
    until(lambda: shown.text_content() == "stopped")
    held[0].fulfill(json=status(row, "running", 8))
    page.evaluate(SETTLED)
    assert shown.text_content() == "stopped"


def test_corrections_are_saved_in_their_order(page: Any, site: Site) -> None:
    go(page, "/run?run=runs/digits#mistakes")
    late, card = Late(page, "**/api/mistakes"), page.locator(".mistake").first
    card.locator(".keep").click()
    late.asked()
    card.locator(".drop-it").click()
    page.evaluate(SETTLED)
    assert len(late.requests) == 1  # the second waits for the first
    late.arrive()
    until(lambda: card.locator(".drop-it").get_attribute("aria-pressed") == "true")
    text = (site.root / "runs" / "digits" / "mistakes.csv").read_text(encoding="utf-8")
    assert next(csv.DictReader(text.splitlines()))["correction"] == "drop"
