"""The pages in a real browser: runs, their comparison, languages, themes, a phone, the keyboard."""

from __future__ import annotations

import json
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browsing import faults, go, opened_page, until
from tests.studio.conftest import GOLDEN, RUNS, Site

UNNAMED = """() => [...document.querySelectorAll("button, a, input, select, textarea, img, iframe")]
  .filter(e => e.checkVisibility() && e.getAttribute("alt") !== "" && !e.labels?.length)
  .filter(e => ![e.getAttribute("aria-label"), e.alt, e.title, e.textContent].some(n => n?.trim()))
  .map(e => e.outerHTML.slice(0, 120))"""
COMPARED = "/compare?run=runs/digits&run=runs/classifier"
PAGES = (
    "/", COMPARED, "/search", "/train", "/run?run=runs/digits", "/run?run=runs/digits#training",
    "/run?run=runs/digits#mistakes", "/run?run=runs/digits#details", "/run?run=runs/gan#report",
    "/run?run=runs/vae", "/run?run=runs/char-rnn", "/run?run=runs/stylize",
    "/run?run=runs/text-classifier",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def runs(site: Site, digits_run: Path) -> None:
    """One of each kind, and one of the digits that has a report and mistakes."""
    site.add(*RUNS)
    shutil.copytree(digits_run, site.root / "runs" / "digits")


def names(page: Any) -> list[str]:
    found: list[str] = page.locator("tbody tr[data-run]").evaluate_all(
        "rows => rows.map(row => row.dataset.run)"
    )
    return found


def test_runs_are_listed_sorted_and_filtered(page: Any) -> None:
    go(page, "/")
    assert page.locator("tbody tr").count() == 7
    assert page.locator("th[aria-sort=descending]").text_content() == "begun"
    heads = page.locator("thead")
    heads.get_by_role("button", name="run", exact=True).click()
    assert names(page) == sorted(names(page))
    heads.get_by_role("button", name="time").click()
    assert names(page)[0] == "runs/char-rnn"  # the longest
    heads.get_by_role("button", name="time").click()
    assert names(page)[-1] == "runs/char-rnn"
    page.get_by_role("searchbox").fill("pydoc text")
    assert names(page) == ["runs/text-classifier"]
    assert "54.17 %" in page.locator("tbody").text_content()
    page.get_by_role("searchbox").fill("no such run")
    assert "No run has all these words" in page.locator("tbody").text_content()


def test_a_run_of_a_terminal_appears_by_itself(page: Any, site: Site) -> None:
    go(page, "/")
    shutil.copytree(GOLDEN / "simclr", site.root / "runs" / "later")
    try:
        page.locator("tr[data-run='runs/later']").wait_for()
    finally:
        shutil.rmtree(site.root / "runs" / "later")
    until(lambda: "runs/later" not in names(page))


def test_two_runs_are_compared(page: Any) -> None:
    go(page, "/")
    page.get_by_label("Choose runs/digits").check()
    assert "choose another" in page.locator("#chosen").text_content()
    page.get_by_label("Choose runs/classifier").check()
    page.locator("#compare").click()
    page.wait_for_selector("main[data-ready] figure")
    assert page.locator("figure .line.c1").count() >= 1  # two lines in one chart
    metrics, options = page.locator("table").all()
    assert re.search(r"[+−]\d+\.\d\d points", metrics.text_content())
    assert "network" in options.text_content()
    assert "resnet" in options.text_content()


def test_with_the_keyboard_alone(page: Any) -> None:
    go(page, "/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").text_content() == "Skip to content"
    page.keyboard.press("Enter")
    page.locator("#filter").focus()
    page.keyboard.type("digits classifier")
    until(lambda: "runs/digits" in names(page))
    page.get_by_label("Choose runs/digits").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "/run?run=runs%2Fdigits"
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Try it").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert page.locator(":focus").text_content() == "Details"
    assert page.locator("[role=tab][aria-selected=true]").text_content() == "Details"
    page.locator("#panel table").first.wait_for()
    page.keyboard.press("Home")
    page.locator(".drop .choose").wait_for()


def test_a_report_has_the_theme_of_the_page(page: Any) -> None:
    page.emulate_media(color_scheme="light")
    go(page, "/run?run=runs/digits#report")
    shown = page.frame_locator("iframe.report")
    shown.locator("h1").wait_for()

    def background() -> str:
        color: str = shown.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
        return color

    assert background() == "rgb(255, 255, 255)"
    page.locator("#theme").click()
    until(lambda: background() == "rgb(20, 23, 26)")
    page.locator("#theme").click()
    until(lambda: background() == "rgb(255, 255, 255)")
    page.locator("#theme").click()
    page.reload()  # it is remembered, and what is loaded anew has it too
    shown.locator("h1").wait_for()
    until(lambda: background() == "rgb(20, 23, 26)")
    page.emulate_media(color_scheme="dark")
    page.locator("#theme").click()
    until(lambda: background() == "rgb(255, 255, 255)")


@pytest.mark.slow
def test_pages_fit_a_phone_and_axe_finds_no_fault(browser: Any, site: Site) -> None:
    phone = {"width": 400, "height": 800}
    for page in opened_page(browser, site.client.base, viewport=phone, bypass_csp=True):
        for path in PAGES:
            go(page, path)
            page.locator("main :not(.waiting)").first.wait_for()
            page.locator("main .waiting").first.wait_for(state="detached")
            assert page.evaluate("document.documentElement.scrollWidth") <= 400, path
            assert not page.evaluate(UNNAMED), path
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert not (found := faults(page)), f"{path}, {scheme}: {found}"


def test_what_is_not_there_says_what_to_do(page: Any, site: Site) -> None:
    go(page, "/search")
    assert "handloom index" in page.locator("main").text_content()
    go(page, "/run?run=runs/gan#report")
    assert "There is no report yet" in page.locator("main").text_content()
    go(page, "/compare")
    assert "Choose two or more runs" in page.locator("main").text_content()
    go(page, "/run?run=runs/nothing")
    assert "there is no run 'runs/nothing'" in page.get_by_role("alert").text_content()


TEXTS = {"kind": "texts", "name": "films", "classes": ["bad", "good"],
         "splits": {"train": {"texts": 1200, "classes": {"bad": 700, "good": 500}}},
         "words": {"min": 1, "median": 4.5, "max": 2000}, "notes": ["left out 1 row"]}  # fmt: skip
CORPUS = {"kind": "corpus", "name": "song", "characters": 1100, "lines": 2, "alphabet": "\n lu𝄞",
          "rare": 3, "beginning": "la <b>la</b>", "notes": []}  # fmt: skip


CAPTIONS = {"kind": "captions", "name": "dresses", "splits": {"train": {"images": 9, "pairs": 7}},
            "captions": 8, "different": 6, "words": {"min": 1, "median": 2, "max": 5},
            "pairs": [{"name": "1.png", "file": None, "captions": ["a <b>red</b> dress"]}],
            "without_caption": ["2.png"], "without_caption_total": 2, "without_image_total": 1,
            "without_image": [{"name": "gone.png", "reason": "no such file", "captions": ["x"]}],
            "shared": [{"caption": "a dress", "images": 3}], "broken": [], "broken_total": 0,
            "duplicates": [], "duplicates_total": 0, "notes": []}  # fmt: skip


def test_a_folder_that_is_data_itself_is_offered(page: Any, site: Site, shapes: Path) -> None:
    go(page, "/train")
    whole = page.get_by_role("button", name="the whole folder", exact=True)
    assert whole.count() == 0
    for name in ("blue", "red"):
        shutil.copytree(shapes / name, site.root / name)
    try:
        go(page, "/train")
        whole.click()
        assert page.locator("#data").input_value() == "."
        assert whole.get_attribute("aria-pressed") == "true"
    finally:
        for name in ("blue", "red"):
            shutil.rmtree(site.root / name)


def answered(record: dict[str, Any], route: Any) -> None:
    route.fulfill(json=record)


def test_what_texts_and_captions_hold(page: Any) -> None:
    go(page, "/train?job=text-classifier")
    seen = page.locator(".seen")
    records = {"text-classifier": TEXTS, "char-rnn": CORPUS, "clip": CAPTIONS}
    for job, record in records.items():
        page.locator(".job").filter(has_text=job).click()
        assert seen.count() == 0  # of the other job
        page.locator("#data").fill("pydoc")
        page.route("**/api/show", partial(answered, record))
        page.locator("#check").click()
        seen.wait_for()
        for text in {"films": ["1,200 train", "1 to 2,000 words", "left out 1 row", "good500"],
                     "song": ["1,100 characters in 2 lines", "5 different", "la <b>la</b>"],
                     "dresses": ["7 train", "8 captions, 6 different", "a <b>red</b> dress",
                                 "2 images without a caption: 2.png … and 1 more",
                                 "gone.png (no such file)", "a dress3"],
                     }[str(record["name"])]:  # fmt: skip
            assert text in seen.text_content()


def test_both_languages(browser: Any, site: Site) -> None:
    for page in opened_page(browser, site.client.base, locale="zh-CN"):
        go(page, "/train")
        assert page.locator("h1").text_content() == "训练一个网络"
        refusal = page.get_by_role("alert")
        page.locator("#data").fill("no{such}")  # what the server refuses is in Chinese too
        refusal.wait_for()
        assert refusal.text_content().startswith("“no{such}”不存在：请填写 /")
        page.locator("#data").fill("digits")
        page.locator("#option-epochs").fill("0")
        page.get_by_text("--epochs 0：不能小于 1").wait_for()
        go(page, "/")
        assert "已完成" in page.locator("tbody").text_content()
        page.locator("#language").click()
        page.wait_for_selector("main[data-ready] h1:text('Runs')")
        page.reload()
        page.wait_for_selector("main[data-ready] h1:text('Runs')")


def test_names_in_a_run_are_no_markup(page: Any, site: Site) -> None:
    run = site.root / "runs" / "<b onmouseover=alert(1)>x"
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
