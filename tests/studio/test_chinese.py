"""The Chinese page: its forms, notes, reports and maps, in which what others wrote stays."""

from __future__ import annotations

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.studio.forms import forms
from tests.studio.browsing import english, go, until
from tests.studio.conftest import Site

STATIC = files("handloom.studio") / "static"
KEY = re.compile(r'^\s*("(?:[^"\\]|\\.)*"):|, ("(?:[^"\\]|\\.)*"):', re.MULTILINE)


def translated(*names: str) -> set[str]:
    """The sentences that the tables of some scripts translate."""
    texts = ((STATIC / name).read_text(encoding="utf-8") for name in names)
    return {json.loads(a or b) for text in texts for a, b in KEY.findall(text)}


def test_every_job_and_every_option_has_a_help_in_chinese() -> None:
    known = translated("zh.js", "zh_options.js", "zh_options_more.js")
    wanted = {job["summary"] for job in forms()}
    wanted |= {field["help"] for job in forms() for field in job["fields"]}
    assert len(wanted) > 150
    assert not wanted - known


def test_every_option_has_a_name_in_chinese() -> None:
    names = {field["flag"].replace("-", " ") for job in forms() for field in job["fields"]}
    names |= {field["name"].replace("_", " ") for job in forms() for field in job["fields"]}
    assert names == translated("zh_option_names.js")


def test_no_help_is_translated_that_no_option_has() -> None:
    known = translated("zh_options.js", "zh_options_more.js")
    assert not known - {field["help"] for job in forms() for field in job["fields"]}


@pytest.fixture(scope="module", autouse=True)
def runs(site: Site, digits_run: Path, shapes: Path) -> None:
    """A report, of which two classes are called as headings are; and an index with a map."""
    run = site.root / "runs" / "digits"
    shutil.copytree(digits_run, run)
    report = (run / "report.html").read_text(encoding="utf-8")
    named = "<p>test</p><table class='matrix'><tr><th>class</th></tr></table>"
    named += "<table><tr><td>Mistakes</td></tr></table></body>"
    (run / "report.html").write_text(report.replace("</body>", named), encoding="utf-8")
    handloom.index(shapes, encoder="pixels", store=site.root / "shapes.index").close()


def test_a_report_is_in_chinese(chinese: Any) -> None:
    go(chinese, "/run?run=runs/digits#report")
    shown = chinese.frame_locator("iframe.report")
    until(lambda: shown.locator("html").get_attribute("lang") == "zh")
    assert "正确率" in shown.locator(".lead").text_content()
    last = shown.locator("body > table").all_text_contents()
    assert last == ["class", "Mistakes"]  # what others wrote stays
    assert shown.locator("body > p").last.text_content() == "test"


def test_a_report_stays_as_it_is_in_english(page: Any) -> None:
    go(page, "/run?run=runs/digits#report")
    shown = page.frame_locator("iframe.report")
    shown.locator("h2").first.wait_for()
    assert shown.locator("html").get_attribute("lang") == "en"


def test_a_map_is_in_chinese(chinese: Any) -> None:
    go(chinese, "/search?index=shapes.index")
    chinese.locator("#map").click()
    shown = chinese.frame_locator("iframe.report")
    shown.get_by_role("button", name="按标签着色").wait_for()
    assert not english(shown)
    assert shown.get_by_role("button", name="red").count() == 1  # the names of groups stay


def test_notes_on_data_are_in_chinese(chinese: Any) -> None:
    go(chinese, "/train?job=classifier")
    notes = ["read as class folders: 3 images; 1 class: a", "captions in column 'text'", "new note"]
    record = {"kind": "images", "name": "x", "splits": {}, "notes": notes}
    chinese.route("**/api/show", lambda route: route.fulfill(json=record))
    chinese.locator("#data").fill("digits")
    chinese.locator("#check").click()
    shown = chinese.locator(".seen li.quiet")
    shown.first.wait_for()
    assert shown.all_text_contents() == [
        "读作按类别分的文件夹：3 张图像；1 个类别：a", "文字说明在列“text”", "new note",
    ]  # fmt: skip


def test_why_a_search_found_nothing_is_in_chinese(chinese: Any) -> None:
    go(chinese, "/train?job=classifier")
    said = {
        "no image has a brand": "没有图像有“brand”",
        "label has no 'Red': did you mean 'red'?": "“label”中没有 'Red'：是否指 'red'？",
        "label has no 'x': it has 'a' and 'b'": "“label”中没有 'x'：其中有 'a' and 'b'",
        "label has no 'x'": "“label”中没有 'x'",
        "price is from 2.5 to 19.9": "“price”的范围是 2.5 到 19.9",
    }
    script = "async whys => whys.map((await import('/static/zh_notes.js')).reasonInChinese)"
    assert chinese.evaluate(script, list(said)) == list(said.values())


def test_a_refused_argument_is_in_chinese(chinese: Any) -> None:
    go(chinese, "/train?job=classifier")
    script = "async said => (await import('/static/zh_refusals.js')).refusalInChinese(said)"
    for given in ("--count 0", "count=0"):
        said = f"{given}: must be 1 to 10000 (images to generate)"
        assert chinese.evaluate(script, said) == f"{given}：必须在 1 到 10000 之间"
