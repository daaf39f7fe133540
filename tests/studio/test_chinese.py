"""The Chinese page: nothing of a form is left in English."""

from __future__ import annotations

import json
import re
from importlib.resources import files

from handloom.studio.forms import forms

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


def test_no_help_is_translated_that_no_option_has() -> None:
    known = translated("zh_options.js", "zh_options_more.js")
    assert not known - {field["help"] for job in forms() for field in job["fields"]}
