"""Work in a real browser: a training from a form, stopped, resumed and corrected; a search."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.runs.directory import RunDirectory
from tests.studio.browsing import Late, faults, give, go, opened_page, until
from tests.studio.conftest import Site

INDEX = "/search?index=shapes.index"


@pytest.fixture(scope="module", autouse=True)
def runs(site: Site, digits_run: Path) -> None:
    shutil.copytree(digits_run, site.root / "runs" / "digits")


@pytest.fixture(scope="module")
def index(site: Site, shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An index of three colours by an encoder that reads words."""
    shutil.copytree(shapes, site.root / "shapes")
    run = tmp_path_factory.mktemp("clip") / "run"
    handloom.train("clip", site.root / "shapes", out=run, network="resnet", text="bag", size=16,
                   epochs=12, quiet=True)  # fmt: skip
    handloom.index(site.root / "shapes", encoder=run, store=site.root / "shapes.index").close()


def decided(site: Site) -> list[str]:
    text = (site.root / "runs" / "digits" / "mistakes.csv").read_text(encoding="utf-8")
    return [line["correction"] for line in csv.DictReader(text.splitlines())]


def test_mistakes_are_decided_and_saved_and_trained_on(page: Any, site: Site) -> None:
    go(page, "/run?run=runs/digits#mistakes")
    cards = page.locator(".mistake")
    cards.first.locator("img:not(.none)").wait_for()
    assert page.locator("#retrain").is_disabled()
    label = cards.nth(0).locator(".right").text_content()
    kept = cards.nth(1).locator(".reading b").first.text_content()
    cards.nth(0).locator(".right").click()
    cards.nth(1).locator(".keep").click()
    cards.nth(2).locator(".drop-it").click()
    until(lambda: decided(site)[:3] == [label, kept, "drop"])
    until(lambda: "3 of" in page.locator(".lead-in").text_content())
    cards.nth(2).locator(".drop-it").click()  # and taken back
    until(lambda: decided(site)[:3] == [label, kept, ""])
    cards.nth(2).locator("select").select_option("7")
    until(lambda: decided(site)[2] == "7")
    page.reload()
    page.locator(".mistake.decided").nth(2).wait_for()
    assert page.locator(".mistake").nth(1).locator(".keep").get_attribute("aria-pressed") == "true"
    page.locator("summary").first.click()
    assert "--corrections runs/digits/mistakes.csv" in page.locator(".command").text_content()
    page.locator("#retrain").click()
    page.wait_for_url("**/run?run=runs%2Fclassifier-digits-1#training")
    run = RunDirectory(site.root / "runs" / "classifier-digits-1")
    assert run.config()["options"]["corrections"].endswith("mistakes.csv")
    log = "/api/log?run=runs/classifier-digits-1"
    until(lambda: site.client.get(log).json["status"] is not None)


def test_a_form_checks_the_data_and_copies_its_command(page: Any, site: Site) -> None:
    go(page, "/train?job=classifier")
    assert page.locator("#start").is_disabled()
    page.get_by_role("button", name="digits", exact=True).click()
    page.locator("#option-network").fill("mlp")
    page.locator("#option-epochs").fill("0")
    page.get_by_role("alert").wait_for()
    assert "epochs" in page.get_by_role("alert").text_content()
    page.locator("#option-epochs").fill("2000")
    page.locator("summary").first.click()
    page.locator("#option-hflip").select_option("true")
    command = "handloom train classifier digits --epochs 2000 --network mlp --hflip"
    typed = page.locator("code").first
    until(lambda: sorted(typed.text_content().split()) == sorted(command.split()))
    page.get_by_role("button", name="Copy").click()
    until(lambda: page.evaluate("navigator.clipboard.readText()").startswith("handloom train"))
    page.locator("#check").click()
    page.locator(".seen").wait_for()
    assert "1,438 train" in page.locator(".seen").text_content()
    assert page.locator(".seen tbody tr").count() == 10


def test_a_training_is_started_watched_stopped_and_resumed(page: Any, site: Site) -> None:
    go(page, "/train?job=classifier")
    page.locator("#data").fill("digits")
    page.locator("#option-network").fill("mlp")
    page.locator("#option-epochs").fill("3000")
    until(lambda: "--epochs 3000" in page.locator(".command").text_content())
    page.locator("#start").click()
    page.wait_for_url("**/run?run=**")
    name = "runs/classifier-digits-2"
    run = RunDirectory(site.root / name)
    until(lambda: run.metrics())
    go(page, "/")
    row = page.locator(f"tr[data-run='{name}']")
    page.locator(".live .line").first.wait_for()
    page.locator(".live").get_by_text("left").wait_for()
    row.get_by_role("button", name="Stop").click()
    until(lambda: run.status()["status"] == "stopped")
    until(lambda: site.client.get(f"/api/log?run={name}").json["status"] is not None)
    done = len(run.metrics())
    assert done < 3000
    row.get_by_role("button", name="Resume").click()
    until(lambda: len(run.metrics()) > done)
    go(page, f"/run?run={name}")
    page.get_by_role("button", name="Stop").click()
    until(lambda: run.status()["status"] == "stopped")
    until(lambda: site.client.get(f"/api/log?run={name}").json["status"] is not None)


CENTRED = """canvas => {
  const { width, height } = canvas, pixels = canvas.getContext("2d").getImageData(0, 0, width,
    height).data, rows = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) if (pixels[4 * (y * width + x) + 3]) { rows.push(y); break; }
  return Math.abs(rows[0] + rows.at(-1) - height) / height;
}"""  # how far what is drawn lies from the middle, as a share of the height
LABELS = """() => document.querySelector(".results .waiting") ? null
  : [...document.querySelectorAll(".hit .name")].map(e => e.textContent)"""


def labels(page: Any) -> list[str]:
    """Of the results, when they are there; read at once, since others may take their place."""
    until(lambda: page.evaluate(LABELS) is not None)
    return page.evaluate(LABELS) or []


@pytest.mark.usefixtures("index")
def test_a_search_by_words_by_an_image_and_by_a_click(page: Any, site: Site) -> None:
    go(page, INDEX)
    page.locator("#words").fill("red")
    page.keyboard.press("Enter")
    until(lambda: "for “red”" in page.locator(".bar-of-results").text_content())
    assert labels(page)[:5] == ["red"] * 5
    give(page, (site.root / "shapes" / "blue" / "3.png").read_bytes())
    until(lambda: labels(page)[:5] == ["blue"] * 5)
    # Which of the other two classes comes next depends on the processor's rounding.
    other = next(label for label in labels(page) if label != "blue")
    page.locator(".hit", has_text=other).first.click()
    until(lambda: labels(page)[:5] == [other] * 5)
    page.locator(".asked img").wait_for()
    page.locator("#random").click()
    until(lambda: len(labels(page)) == 23)


@pytest.mark.usefixtures("index")
def test_filters_of_the_columns_and_nothing_here(page: Any) -> None:
    go(page, INDEX)
    page.locator("select[data-column=label]").select_option("green")
    until(lambda: set(labels(page)) == {"green"})
    page.locator("select[data-column=label]").select_option("")
    page.locator("summary").first.click()
    page.locator("#where").fill("label != 'red'")
    page.keyboard.press("Enter")
    until(lambda: set(labels(page)) == {"blue", "green"})
    page.locator("#where").fill("label = ")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    page.locator("#where").fill("")
    size = page.locator("input[data-column=size]").first
    size.fill("99999999")
    size.press("Enter")
    page.locator(".results .empty").wait_for()
    assert "Nothing here" in page.locator(".results").text_content()


@pytest.mark.usefixtures("index")
def test_enter_after_a_change_asks_once(page: Any) -> None:
    go(page, INDEX)
    until(lambda: len(labels(page)) == 23)
    late = Late(page, "**/api/search*")
    size = page.locator("input[data-column=size]").first
    size.fill("99999999")
    size.press("Enter")  # a change, and then the form is sent
    late.asked()
    late.arrive()
    page.locator(".results .empty").wait_for()
    assert len(late.requests) == 1


@pytest.mark.usefixtures("index")
def test_the_map_is_zoomed_and_has_thumbnails(page: Any) -> None:
    go(page, INDEX)
    page.locator("#map").click()
    shown = page.frame_locator("iframe.report")
    canvas = shown.locator("#map-canvas")
    canvas.wait_for()
    until(lambda: canvas.evaluate("c => c.width") > 300)

    def drawn() -> str:
        made: str = canvas.evaluate("c => c.toDataURL()")
        return made

    atlas = shown.locator("#map-source img")
    until(lambda: atlas.evaluate("image => image.complete && image.naturalWidth") > 0)
    until(lambda: drawn() == drawn())
    until(lambda: canvas.evaluate(CENTRED) < 0.05)
    before = drawn()
    canvas.hover()
    page.mouse.wheel(0, -400)
    until(lambda: drawn() != before)
    fits = """c => { const box = c.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
      return c.width === Math.round(box.width * ratio)
        && c.height === Math.round(box.height * ratio);
    }"""
    for height in (500, 900):  # what is drawn has the shape of its place
        page.set_viewport_size({"width": 1000, "height": height})
        until(lambda: canvas.evaluate(fits))
    red = shown.get_by_role("button", name="red", exact=True)
    red.click()
    assert red.get_attribute("aria-pressed") == "false"
    page.locator("#map").click()
    until(lambda: page.locator("iframe").count() == 0)


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_a_search(browser: Any, site: Site, scheme: str) -> None:
    for page in opened_page(browser, site.client.base, color_scheme=scheme, bypass_csp=True):
        go(page, INDEX)
        labels(page)
        assert not faults(page)
