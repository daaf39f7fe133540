"""What is being done while nothing is shown: one line on a terminal, gone when something is.

Work that may take longer than a second says what it is, wherever it is written: `doing`, and
`report` where the amount is known. Who shows a terminal calls `shown_on`; without it nothing is
shown, as from Python, in a pipe or in a log.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

AFTER = 1.0  # seconds without a word, before the line is shown
EVERY = 0.25  # seconds between two drawings: a thread that draws more often takes from training
CLEAR = "\r\x1b[2K"
STARTING = "starting"  # until the first work has a name: mostly imports


class WaitingLine:
    """The line of one terminal, drawn by a thread of its own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.doing: list[str] = []  # what is done, the innermost last
        self.amount: str | None = None  # of it, instead of its name
        self.pauses = 0  # of those who move the cursor themselves
        self._lock = threading.RLock()
        self._is_drawn, self._since, self._began = False, time.monotonic(), time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._thread.start()

    def end(self) -> None:
        """Draw no more, and leave nothing behind."""
        self._ended.set()
        self.clear()

    def clear(self) -> None:
        """Take the line away: something else is shown now."""
        with self._lock:
            if self._is_drawn:
                self.stream.write(CLEAR)
                self.stream.flush()
            self._is_drawn, self._since = False, time.monotonic()

    def begin(self) -> None:
        """What is done has changed."""
        self.amount, self._began = None, time.monotonic()

    def draw(self, now: float) -> None:
        """Draw what is done, where nothing has been shown for a while."""
        with self._lock:
            text = self.text(now)
            if text and not self.pauses and not self._ended.is_set() and now - self._since >= AFTER:
                self.stream.write(f"{CLEAR}{text}")
                self.stream.flush()
                self._is_drawn = True

    def text(self, now: float) -> str:
        """The line, cut to the terminal; "" where nothing is done."""
        innermost = self.doing[-1:]  # one look: another thread may end it meanwhile
        if not innermost:
            return ""
        line = self.amount or f"{innermost[0]}, {now - self._began:.0f} s"
        return line[: _columns(self.stream) - 1]

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            self.draw(time.monotonic())


_line: WaitingLine | None = None


@contextmanager
def shown_on(stream: TextIO) -> Iterator[None]:
    """A context in which waits are shown on `stream`, where that is a terminal."""
    global _line
    if _line is not None or not _is_terminal(stream):
        yield
        return
    _line = WaitingLine(stream)
    _line.doing.append(STARTING)
    _line.start()
    try:
        yield
    finally:
        _line.end()
        _line = None


@contextmanager
def doing(what: str) -> Iterator[None]:
    """A context in which `what` is done, such as "reading the data"."""
    line = _line
    if line is None:
        yield
        return
    if line.doing == [STARTING]:
        line.doing.clear()
    line.doing.append(what)
    line.begin()
    try:
        yield
    finally:
        line.doing.pop()
        line.begin()


def report(what: str, done: int, total: int) -> None:
    """How much of it is done: as of `ReportProgress`; total 0 where that is not known."""
    if _line is not None:
        _line.amount = f"{what} {done:,} of {total:,}" if total else what


def written() -> None:
    """Called before something is shown, so that it does not stand behind the line."""
    if _line is not None:
        _line.clear()


@contextmanager
def paused() -> Iterator[None]:
    """A context in which somebody else moves the cursor: a bar, or a text that is being written."""
    line = _line
    pause()
    try:
        yield
    finally:
        if line is not None:
            go_on()


def pause() -> None:
    """As `paused`, up to `go_on`."""
    if _line is not None:
        _line.pauses += 1
        _line.clear()


def go_on() -> None:
    """What `pause` has stopped goes on."""
    if _line is not None and _line.pauses:
        _line.pauses -= 1
        _line.clear()


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
