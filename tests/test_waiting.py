"""The line of what is being done; drawn by hand, so that nothing depends on the clock."""

import io
from collections.abc import Iterator

import pytest

from handloom import waiting
from handloom.display.console import Display


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[waiting.WaitingLine]:
    """A line that no thread draws."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(waiting.WaitingLine, "start", lambda self: None)
    with waiting.shown_on(Terminal()):
        assert waiting._line is not None
        yield waiting._line


def drawn(line: waiting.WaitingLine, later: float = 5.0) -> str:
    """What is drawn so many seconds after the last word."""
    before = len(str(line.stream.getvalue()))  # type: ignore[attr-defined]
    line.draw(line._since + later)
    return str(line.stream.getvalue())[before:]  # type: ignore[attr-defined]


def test_the_innermost_work_is_shown_after_a_second(line: waiting.WaitingLine) -> None:
    assert waiting.STARTING in drawn(line)
    with waiting.doing("evaluating"):
        assert drawn(line, 0.5) == ""
        with waiting.doing("reading the data"):
            assert drawn(line).startswith(f"{waiting.CLEAR}reading the data, ")
            waiting.report("decoding", 1_200, 4_000)
            assert drawn(line) == f"{waiting.CLEAR}decoding 1,200 of 4,000"
        assert drawn(line).startswith(f"{waiting.CLEAR}evaluating, ")
    assert drawn(line) == "", "nothing is done"


def test_what_is_shown_takes_its_place(line: waiting.WaitingLine) -> None:
    with waiting.doing("evaluating"):
        assert drawn(line)
        Display(file=io.StringIO()).message("accuracy 90 %")
        assert str(line.stream.getvalue()).endswith(waiting.CLEAR)  # type: ignore[attr-defined]
        assert drawn(line, 0.5) == ""


def test_a_bar_moves_the_cursor_alone(line: waiting.WaitingLine) -> None:
    screen = Display(file=Terminal())
    with waiting.doing("training"):
        with screen.status("epoch 1"):
            assert drawn(line) == ""
        assert drawn(line)
        with waiting.paused():
            assert drawn(line) == ""


def test_nothing_is_shown_without_a_terminal() -> None:
    stream = io.StringIO()
    with waiting.shown_on(stream), waiting.doing("evaluating"):
        assert waiting._line is None
        waiting.report("decoding", 1, 2)
        waiting.written()
    assert stream.getvalue() == ""


def test_the_end_leaves_a_clean_line(line: waiting.WaitingLine) -> None:
    with waiting.doing("evaluating"):
        assert drawn(line)
        line.end()
        assert str(line.stream.getvalue()).endswith(waiting.CLEAR)  # type: ignore[attr-defined]
        assert drawn(line) == ""
