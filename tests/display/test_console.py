"""What is shown once, and how."""

import pytest

from handloom.display.console import Display
from handloom.display.tables import show_rows


def test_a_note_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    display = Display()
    for text in ("left out: 2 images", "left out: 3 images", "left out: 2 images"):
        display.note(text)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["left out: 2 images", "left out: 3 images"]


@pytest.mark.parametrize("name", ["a\nb.png", "a\r\nb.png", "\x1b[31ma.png"])
def test_a_name_of_a_file_stays_on_its_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    display = Display()
    display.note(f"broken: {name} (empty)")
    show_rows(display, ["input"], [[name]])
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("broken: ")
    assert lines[0].endswith(" (empty)")
    assert len(lines) == 3
    display.message("accuracy 90 %\n  of 20 images")
    assert capsys.readouterr().err.splitlines() == ["accuracy 90 %", "  of 20 images"]
