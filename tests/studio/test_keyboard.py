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
    site.add("vae")
    shutil.copytree(digits_run, site.root / "runs" / "digits")
    shutil.copytree(shapes, site.root / "shapes")
    handloom.index(site.root / "shapes", encoder="pixels", store=site.root / "a.index").close()


def has_focus(page: Any, selector: str) -> bool:
    return bool(page.evaluate(FOCUSED.format(selector)))


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
