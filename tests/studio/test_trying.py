"""What a run can do, tried in a real browser: images, texts, latents, a text that is written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browsing import give, go, until
from tests.studio.conftest import GOLDEN, Site

IMAGE = (GOLDEN / "classifier" / "digit.png").read_bytes()


@pytest.fixture(scope="module", autouse=True)
def runs(site: Site, digits_run: Path) -> None:
    site.add("text-classifier", "char-rnn", "vae", "gan", "stylize")
    shutil.copytree(digits_run, site.root / "runs" / "digits")


def answer(page: Any) -> str:
    page.locator(".verdict").wait_for()
    return str(page.locator(".verdict").text_content())


def test_an_image_is_dropped_and_explained(page: Any) -> None:
    go(page, "/run?run=runs/digits")
    give(page, IMAGE)
    assert "%" in answer(page)
    assert page.locator(".bars li").count() == 8
    assert page.locator(".why img").get_attribute("src").startswith("data:image/png")
    assert page.locator("img[src=x]").count() == 0  # the file's name is no markup
    page.locator("#unsure").fill("99")
    share = float(page.locator(".bars .number").first.text_content().strip("> %\u00a0"))
    assert ("Not sure" in answer(page)) == (share < 99)


def test_an_image_is_pasted_chosen_and_refused(page: Any, tmp_path: Path) -> None:
    go(page, "/run?run=runs/digits")
    give(page, IMAGE, "paste", 0)
    first = answer(page)
    with page.expect_file_chooser() as chooser:
        page.locator(".drop .choose").click()
    chooser.value.set_files(GOLDEN / "classifier" / "digit.png")
    until(lambda: page.locator(".verdict").count() == 1)
    assert answer(page) == first  # the same image
    (tmp_path / "no.png").write_bytes(b"no image")
    page.locator("input[type=file]").set_input_files(tmp_path / "no.png")
    page.get_by_role("alert").wait_for()
    assert "not an image" in page.get_by_role("alert").text_content()


def test_an_image_of_a_webcam(page: Any) -> None:
    go(page, "/run?run=runs/digits")
    page.get_by_role("button", name="Webcam").click()
    until(lambda: page.locator("video").evaluate("video => video.videoWidth") > 0)
    page.get_by_role("button", name="Take the image").click()
    assert answer(page)
    assert page.locator("video").count() == 0  # and it is off again


def test_a_text_is_classified_and_its_words_marked(page: Any) -> None:
    go(page, "/run?run=runs/text-classifier")
    page.locator("#text").fill("a class has methods <b>and</b> zorgs")
    page.keyboard.press("Control+Enter")
    assert answer(page)
    assert page.locator("mark").count() >= 1
    assert "zorgs" in page.locator(".marked .quiet").all_text_contents()
    assert page.locator(".marked b").count() == 0


def test_new_images_follow_seed_class_truncation_and_sliders(page: Any) -> None:
    go(page, "/run?run=runs/vae")
    until(lambda: page.locator(".tile").count() == 36)

    def images(place: str) -> list[str]:
        found: list[str] = page.locator(f"{place} img").evaluate_all("all => all.map(e => e.src)")
        return found

    before = images(".samples")
    page.locator("#seed").fill("5")
    page.locator("#seed").press("Enter")
    until(lambda: images(".samples") != before)
    before = images(".samples")
    page.locator("#truncation").fill("0.3")
    until(lambda: images(".samples") != before)
    page.get_by_label("Class").first.select_option("3")
    until(lambda: set(page.locator(".tile").evaluate_all("all => all.map(e => e.title)")) == {"3"})
    page.locator(".tile").nth(4).click()
    until(lambda: len(images(".single")) == 1)
    until(lambda: images(".single")[0] == images(".samples")[4])  # its latent gives that image
    chosen = images(".single")
    page.get_by_label("z1").fill("2.5")
    until(lambda: images(".single") != chosen)


def test_a_walk_between_two_latents(page: Any) -> None:
    go(page, "/run?run=runs/vae")
    until(lambda: page.locator(".tile").count() == 36)
    page.locator(".tile").nth(0).click()
    page.locator("#walk-from").click()
    page.locator(".tile").nth(7).click()
    page.locator(".path .walk img").nth(15).wait_for()
    first = page.locator(".path .step").get_attribute("src")
    assert first == page.locator(".tile img").first.get_attribute("src")
    page.get_by_label("Step of the walk").fill("16")
    assert page.locator(".path .step").get_attribute("src") != first


def test_an_image_is_reconstructed_and_walked_from(page: Any) -> None:
    go(page, "/run?run=runs/vae")
    until(lambda: page.locator(".tile").count() == 36)
    give(page, IMAGE, place=1)
    page.locator("#reconstruct .pair img").nth(1).wait_for()
    assert "mean squared error" in page.locator("#reconstruct").text_content()
    give(page, IMAGE, place=2)
    give(page, IMAGE, place=3)
    page.locator("#walk .walk img").nth(15).wait_for()
    go(page, "/run?run=runs/gan")
    page.get_by_label("Second seed").fill("12")
    page.locator("#walk").get_by_role("button", name="Walk").click()
    page.locator("#walk .walk img").nth(15).wait_for()


def test_a_text_is_written_by_a_network_and_stopped(page: Any) -> None:
    go(page, "/run?run=runs/char-rnn")
    page.locator("#prefix").fill("The ")
    page.locator("#temperature").fill("0.5")
    page.locator("#length").fill("20000")
    page.locator("#write").click()
    written = page.locator(".written")
    until(lambda: len(written.text_content()) > 50)  # as it comes
    page.get_by_role("button", name="Stop").click()
    until(lambda: page.locator("#write").is_enabled())
    assert written.text_content().startswith("The ")
    assert len(written.text_content()) < 20_000
    page.locator("#length").fill("10")
    page.locator("#write").click()
    until(lambda: len(written.text_content()) == 14)


def test_the_frames_of_a_painting(page: Any, site: Site) -> None:
    samples = site.root / "runs" / "stylize" / "samples"
    samples.mkdir()
    for number in range(3):
        shutil.copy(GOLDEN / "stylize" / "painting.png", samples / f"{number}.png")
    go(page, "/run?run=runs/stylize")
    frames = page.locator(".frame")
    large = page.locator(".large")
    count = frames.count()
    assert count >= 4
    frames.nth(0).click()
    first = large.get_attribute("src")
    page.get_by_label("Which image").fill(str(count - 1))
    assert large.get_attribute("src") != first
    assert frames.nth(count - 1).get_attribute("aria-pressed") == "true"
    page.locator("#play").click()  # from the beginning, to the end
    until(lambda: page.locator("#play").text_content() == "Play")
    assert f"{count} of {count}" in page.locator(".viewer").text_content()
