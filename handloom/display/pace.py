"""One line for long work, with how fast it goes and how long it will take."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from handloom.display.console import Display
from handloom.waiting import doing

AFTER = 0.5  # seconds, before which nothing is shown


@contextmanager
def paced(display: Display, unit: str) -> Iterator[Callable[[str, int, int], None]]:
    """A line such as `embedding 3,200 of 10,000, 95 images a second, 1:12 left`, on a terminal."""
    status, began = display.status(""), dict[str, float]()
    first = time.monotonic()
    shown = False

    def report(what: str, done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        since = now - began.setdefault(what, now if began else first)
        if not shown and now - first > AFTER and display.is_terminal:
            status.start()
            shown = True
        if shown:
            status.update(sentence(what, done, total, since, unit))

    try:
        with doing(f"preparing the {unit}"):
            yield report
    finally:
        if shown:
            status.stop()


def sentence(what: str, done: int, total: int, seconds: float, unit: str) -> str:
    """The line; without a speed before a second has passed."""
    line = f"{what} {done:,} of {total:,}"
    if seconds < 1 or not done:
        return line
    speed = done / seconds
    left = round((total - done) / speed)
    return f"{line}, {speed:,.0f} {unit} a second, {left // 60}:{left % 60:02d} left"
