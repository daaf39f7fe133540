"""A real browser: how it is started, and what a person does in it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
SECONDS = 60  # that anything may take on a busy machine
GIVE = """([bytes, kind, place]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "<img src=x onerror=alert(1)>.png",
                          {type: "image/png"}));
  const options = {bubbles: true, cancelable: true};
  const event = kind === "drop" ? new DragEvent("drop", {...options, dataTransfer: data})
    : new ClipboardEvent("paste", {...options, clipboardData: data});
  (place ? document.querySelectorAll(".drop")[place - 1] : document.body).dispatchEvent(event);
}"""
SETTLED = "async () => { for (let i = 0; i < 3; i++) await fetch('/api/indexes'); }"
SPOKEN = (
    "h2, h3, nav a, th, dt, strong, summary, text, .about, .lead p, .advice li, .quiet, "
    ".figures figcaption, .film figcaption, .legend span, section > p, #details td:first-child, "
    "[aria-label], [title], img:not(.thumbs img)"
)
ENGLISH = """(body, spoken) => {
  const texts = [...body.querySelectorAll(spoken)].filter(each => !each.closest(
    ".matrix th, #cells .thumbs, mark, .file")).flatMap(each => {
      const own = each.cloneNode(true);
      for (const other of own.querySelectorAll("code, q, pre, script, .matrix, .thumbs, table"))
        other.remove();
      const attributes = ["aria-label", "title", "alt"].map(name => each.getAttribute(name) ?? "");
      return [own.textContent, ...attributes];
    });
  const others = /“.*?”|--[\\w-]+( [a-z]+)?|\\S+\\.(png|csv|jpg)/gs;
  const ours = texts.map(text => text.replaceAll(others, "").trim());
  return ours.filter(text => /[a-z]{3,} [a-z]{2,}/.test(text)
    || /[a-z]{3}/.test(text) && !/[\\u4e00-\\u9fff]/.test(text));
}"""
AXE = "axe.run({exclude: [['iframe']], resultTypes: ['violations']})"


def opened_browser() -> Iterator[Any]:
    """Playwright's own Chromium, or the system's; the tests are skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("HANDLOOM_BROWSER")
    with playwright.sync_playwright() as started:
        own = Path(started.chromium.executable_path)
        if path is None and not own.exists():
            path = next(filter(None, map(shutil.which, NAMES)), None)
        if path is None and not own.exists():
            pytest.skip("there is no browser: `playwright install chromium`, or HANDLOOM_BROWSER")
        try:
            opened = started.chromium.launch(executable_path=path, args=list(FLAGS))
        except playwright.Error as error:
            pytest.skip(f"the browser cannot be started: {str(error)[:100]}")
        yield opened
        opened.close()


def opened_page(browser: Any, base: str, **options: Any) -> Iterator[Any]:
    """A page of a context of its own; what the browser complains of fails the test."""
    given: dict[str, Any] = {"base_url": base, "locale": "en-US"} | options
    context = browser.new_context(**given)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base)
    page, complaints = context.new_page(), list[str]()
    page.set_default_timeout(1000 * SECONDS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.extend(_complaint(message)))
    yield page
    context.close()
    assert not complaints, complaints


def _complaint(message: Any) -> list[str]:
    expected = ("status of 4", "net::ERR_FAILED")  # refusals, and what a test breaks off
    is_bad = message.type == "error" and not any(text in message.text for text in expected)
    return [message.text] if is_bad else []


def go(page: Any, path: str) -> None:
    """Open a page, and wait until it is there."""
    page.goto("about:blank")  # another # alone would not load it again
    page.goto(path)
    page.wait_for_selector("main[data-ready]")


def until(what: Callable[[], Any], seconds: float = SECONDS) -> None:
    """Wait for a claim; scripts of Playwright's own may not be evaluated under our policy."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def give(page: Any, image: bytes, kind: str = "drop", place: int = 1) -> None:
    """Drop an image on a place for images, or paste it into the page (place 0)."""
    page.evaluate(GIVE, [list(image), kind, place])


def english(shown: Any) -> list[str]:
    """What Handloom wrote in a frame and is in English: words in a row, or no Chinese beside them.
    What stands between Chinese quotes is of others."""
    found: list[str] = shown.locator("body").evaluate(ENGLISH, SPOKEN)
    return found


def faults(page: Any) -> list[str]:
    """What axe finds serious or critical; the page must have been opened with bypass_csp."""
    if find_spec("axe_playwright_python") is None:
        pytest.skip("axe-playwright-python (dev) is not installed")
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).with_name("axe.min.js")
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(content=script.read_text(encoding="utf-8"))
    found = page.evaluate(AXE)["violations"]
    return [
        f"{each['impact']} {each['id']}: {each['nodes'][0]['html'][:150]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


class Late:
    """The first request to an address is answered last: when the test says so, with what the
    server gave, or with the JSON given."""

    def __init__(self, page: Any, address: str, given: Any = None) -> None:
        self.page, self.requests, self.given = page, list[Any](), given
        self.late = list[tuple[Any, dict[str, Any]]]()
        page.route(address, self._answer)

    def _answer(self, route: Any) -> None:
        self.requests.append(route.request)
        if len(self.requests) > 1:
            route.continue_()
        else:
            content = {"json": self.given} if self.given else {"response": route.fetch()}
            self.late.append((route, content))

    def asked(self, count: int = 1) -> None:
        """Wait for so many requests; and for the late answer, which is held."""
        until(lambda: self.page.wait_for_timeout(10) or self._are(count))

    def _are(self, count: int) -> bool:
        return bool(self.late) and len(self.requests) >= count

    def arrive(self) -> None:
        """The late answer comes, and the page has had the time to show it."""
        route, content = self.late[0]
        route.fulfill(**content)
        self.page.evaluate(SETTLED)
