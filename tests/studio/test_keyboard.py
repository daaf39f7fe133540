"""Each flow without a mouse: what has the keyboard keeps it, and motion is reduced on demand."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import handloom
from tests.studio.browsing import faults, go, opened_page, until
from tests.studio.conftest import GOLDEN, Site

FOCUSED = "() => document.activeElement.matches('{}')"


@pytest.fixture(scope="module", autouse=True)
def folder(site: Site, digits_run: Path, shapes: Path) -> None:
    site.add("vae", "char-rnn", "stylize")
    handloom.open(site.root / "runs" / "vae").report()
    shutil.copytree(digits_run, site.root / "runs" / "digits")
    shutil.copytree(shapes, site.root / "shapes")
    handloom.index(site.root / "shapes", encoder="pixels", store=site.root / "a.index").close()


def has_focus(page: Any, selector: str) -> bool:
    return bool(page.evaluate(FOCUSED.format(selector)))


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until something has the keyboard."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if has_focus(page, selector):
            return
    raise AssertionError(f"{selector} is not reached")


def test_an_image_is_chosen_and_taken_with_the_keyboard(page: Any) -> None:
    go(page, "/run?run=runs/digits")
    choosers = list[Any]()
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    page.locator(".drop .choose").focus()
    until(lambda: page.keyboard.press("Enter") or page.wait_for_timeout(200) or choosers)
    choosers[0].set_files(GOLDEN / "classifier" / "digit.png")
    page.locator(".verdict").wait_for()
    page.keyboard.press("Tab")
    assert has_focus(page, ".film")
    for key in ("Take the image", "Close"):
        page.keyboard.press("Enter")
        until(lambda: page.locator("video").count() and page.locator("video").evaluate(
            "video => video.videoWidth") > 0)  # fmt: skip
        page.get_by_role("button", name=key).focus()
        page.keyboard.press("Enter")
        until(lambda: page.locator("video").count() == 0)
        until(lambda: has_focus(page, ".film"))


def test_mistakes_are_decided_with_the_keyboard(page: Any) -> None:
    go(page, "/run?run=runs/digits#mistakes")
    card = page.locator(".mistake").first
    card.locator(".keep").focus()
    page.keyboard.press("Space")
    until(lambda: card.locator(".keep").get_attribute("aria-pressed") == "true")
    until(lambda: has_focus(page, ".keep"))  # though it was disabled meanwhile
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(lambda: card.locator(".drop-it").get_attribute("aria-pressed") == "true")
    until(lambda: has_focus(page, ".drop-it"))
    page.keyboard.press("Enter")  # and taken back
    until(lambda: card.locator(".drop-it").get_attribute("aria-pressed") == "false")


def test_results_are_walked_through_with_the_keyboard(page: Any) -> None:
    go(page, "/search?index=a.index")
    page.locator(".hit img").first.wait_for()
    page.locator("button.hit").nth(2).focus()
    page.keyboard.press("Enter")
    until(lambda: has_focus(page, "button.hit"))  # among those that took their place
    page.keyboard.press("Tab")
    assert has_focus(page, "button.hit")
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    canvas = page.frame_locator("iframe.report").locator("#map-canvas")
    canvas.wait_for()
    until(lambda: canvas.evaluate("c => c.width") > 300)
    before = canvas.evaluate("c => c.toDataURL()")
    canvas.focus()
    page.keyboard.press("+")
    until(lambda: canvas.evaluate("c => c.toDataURL()") != before)
    names_are_read(page)


def names_are_read(page: Any) -> None:
    """Images on the map have their names in a list, which follows what is in view."""
    shown = page.frame_locator("iframe.report")
    page.keyboard.press("0")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # unfolds the list
    listed = shown.locator("#map-list option")
    until(lambda: listed.count() == 36)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    until(lambda: shown.locator("#map-note").text_content() == listed.first.text_content())
    assert "png (id " in listed.first.text_content()
    shown.locator("#map-canvas").focus()
    until(lambda: page.keyboard.press("+") or listed.count() < 36)
    until(lambda: page.keyboard.press("ArrowLeft") or listed.count() == 0)


def test_a_training_is_begun_with_the_keyboard(page: Any) -> None:
    begun = list[Any]()
    page.route("**/api/train", lambda route: begun.append(route.request.post_data_json)
               or route.fulfill(json={"run": "runs/digits"}))  # fmt: skip
    go(page, "/train")
    tab_to(page, "input[name=job]")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=job]").nth(1).is_checked()
    page.keyboard.press("ArrowUp")
    tab_to(page, "#data")
    page.keyboard.type("shapes")
    tab_to(page, "#check")
    page.keyboard.press("Enter")
    page.locator(".seen table").wait_for()
    until(lambda: has_focus(page, "#check"))
    tab_to(page, "#option-epochs")
    page.keyboard.type("2")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    tab_to(page, "details input")
    until(lambda: "shapes --epochs 2" in page.locator(".command code").text_content())
    tab_to(page, "#start")
    page.keyboard.press("Enter")
    page.wait_for_url("**/run?run=runs%2Fdigits#training")
    assert begun == [{"job": "classifier", "data": "shapes", "options": {"epochs": 2}}]


def test_a_text_is_written_and_stopped_with_the_keyboard(page: Any) -> None:
    go(page, "/run?run=runs/char-rnn")
    tab_to(page, "#prefix")
    page.keyboard.type("The ")
    tab_to(page, "#temperature")
    page.keyboard.press("ArrowRight")
    assert page.locator("#temperature").input_value() == "0.85"
    tab_to(page, "#length")
    page.keyboard.press("Control+A")
    page.keyboard.type("20000")
    tab_to(page, "#write")
    page.keyboard.press("Enter")
    written = page.locator(".written")
    until(lambda: len(written.text_content()) > 10)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # stops it
    page.locator("#write:enabled").wait_for()
    assert has_focus(page, ".written")
    assert written.text_content().startswith("The ")
    assert len(written.text_content()) < 20_000


def test_frames_are_walked_through_with_the_keyboard(page: Any) -> None:
    go(page, "/run?run=runs/stylize#images")
    tab_to(page, "#play")
    page.keyboard.press("Enter")
    until(lambda: page.locator("#play").text_content() == "Play")
    tab_to(page, "input[type=range]")
    page.keyboard.press("Home")
    frames, large = page.locator(".frame"), page.locator("img.large")
    assert large.get_attribute("alt") == frames.first.get_attribute("aria-label")
    tab_to(page, ".frame")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert frames.nth(1).get_attribute("aria-pressed") == "true"
    assert large.get_attribute("alt") == frames.nth(1).get_attribute("aria-label")


def test_walks_stand_still_for_whoever_asks_for_it(browser: Any, site: Site) -> None:
    for page in opened_page(browser, site.client.base, reduced_motion="reduce"):
        go(page, "/run?run=runs/vae#report")
        walks = page.frame_locator("iframe.report").locator(".moving")
        walks.locator("canvas").wait_for()
        assert walks.locator("img").is_hidden()
        walks.get_by_role("button", name="Play").focus()
        page.keyboard.press("Enter")
        walks.locator("img").wait_for()
        assert walks.locator("canvas").is_hidden()
        page.keyboard.press("Enter")  # Stop has the keyboard now
        walks.locator("canvas").wait_for()


def test_walks_move_for_others(page: Any) -> None:
    go(page, "/run?run=runs/vae#report")
    walks = page.frame_locator("iframe.report").locator(".moving")
    walks.locator("img").wait_for()
    assert walks.locator("button").count() == 0


def test_latents_are_walked_between_with_the_keyboard(page: Any) -> None:
    go(page, "/run?run=runs/vae")
    until(lambda: page.locator(".tile").count() == 36)
    for selector, place in ((".tile", 0), ("#walk-from", 0), (".tile", 7)):
        page.locator(selector).nth(place).focus()
        page.keyboard.press("Enter")
    page.locator(".path .walk img").nth(15).wait_for()
    step = page.locator(".path input")
    step.focus()
    page.keyboard.press("End")
    assert page.locator(".path .step").get_attribute("alt") == "step 16"


def test_frames_have_no_fault_and_nothing_moves_where_it_must_not(browser: Any, site: Site) -> None:
    options = {"reduced_motion": "reduce", "bypass_csp": True}
    for page in opened_page(browser, site.client.base, **options):
        page.route("**/api/curves*", lambda route: None)  # is awaited
        page.goto("/run?run=runs/digits#training")
        page.locator(".waiting").wait_for()
        assert page.evaluate("document.getAnimations().length") == 0
        page.goto("/report?run=runs/digits")
        assert not faults(page)
        smooth = "getComputedStyle(document.documentElement).scrollBehavior"
        assert page.evaluate(smooth) == "auto"
        for scheme in ("light", "dark"):
            page.goto(f"/map?index=a.index&theme={scheme}")
            page.locator("#map-legend button").first.wait_for()
            assert not faults(page)
