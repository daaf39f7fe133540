"""What is shown once, and how."""

import pytest

from handloom.display.console import Display


def test_a_note_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    display = Display()
    for text in ("left out: 2 images", "left out: 3 images", "left out: 2 images"):
        display.note(text)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["left out: 2 images", "left out: 3 images"]
